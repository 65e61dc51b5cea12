/** The text of a data file: UTF-8, with or without a byte order mark. */

export type FileText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly fault: string };

/** The first that fits; UTF-32 begins as UTF-16 does. */
const OTHER_ENCODINGS: readonly (readonly [mark: readonly number[], name: string])[] = [
  [[0xff, 0xfe, 0, 0], 'UTF-32'],
  [[0, 0, 0xfe, 0xff], 'UTF-32'],
  [[0xff, 0xfe], 'UTF-16 (little endian)'],
  [[0xfe, 0xff], 'UTF-16 (big endian)'],
];

export function textOfFile(bytes: Uint8Array): FileText {
  const encoding = otherEncoding(bytes);
  if (encoding !== undefined) {
    return { ok: false, fault: `the file is ${encoding}: save it as UTF-8` };
  }
  try {
    // It leaves a byte order mark out.
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { ok: false, fault: 'the file is not UTF-8 text: save it as UTF-8' };
  }
}

function otherEncoding(bytes: Uint8Array): string | undefined {
  const marked = OTHER_ENCODINGS.find(([mark]) => mark.every((byte, at) => bytes[at] === byte));
  if (marked !== undefined) return marked[1];
  // No JSON of UTF-8 begins so, and every one of UTF-16 without a mark does.
  const [first, second] = bytes;
  if (second === 0) return 'UTF-16 (little endian)';
  return first === 0 ? 'UTF-16 (big endian)' : undefined;
}
