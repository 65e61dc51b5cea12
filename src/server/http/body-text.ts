/**
 * The text of a body: bounded as it comes and as it unfolds, and UTF-8 all through.
 *
 * A gzip body counts by what it unfolds to, so that no small one becomes a large one. What is not
 * UTF-8 is refused: a character that stands in for it would be kept as if someone had sent it. A byte
 * order mark is passed over.
 */
import { gunzipSync } from 'node:zlib';
import { HttpError } from './http-error.ts';

type Encoding = 'identity' | 'gzip';

/** @throws HttpError 400, 413 or 415 */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  const encoding = encodingOf(request.headers.get('content-encoding'));
  const bytes = await readBytes(request, maxBytes);
  return decoded(encoding === 'gzip' ? unfolded(bytes, maxBytes) : bytes);
}

function encodingOf(header: string | null): Encoding {
  if (header === null) return 'identity';
  const encoding = header.trim().toLowerCase();
  if (encoding === 'gzip' || encoding === 'x-gzip') return 'gzip';
  if (encoding === 'identity' || encoding === '') return 'identity';
  throw new HttpError(415, 'unsupported_media_type', {
    message: 'The body must be sent as it is or with Content-Encoding: gzip.',
    headers: { 'accept-encoding': 'gzip' },
  });
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const length = request.headers.get('content-length');
  if (length !== null && Number(length) > maxBytes) throw tooLarge(maxBytes);
  // Without a length the size is known only by reading: then it is counted chunk by chunk.
  return length === null ? readCounted(request, maxBytes) : request.bytes();
}

async function readCounted(request: Request, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** In one turn of the loop: the bound is a few KiB. */
function unfolded(bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw malformed('The body is not valid gzip.');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decoded(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed('The body is not valid UTF-8.');
  }
}

function malformed(message: string): HttpError {
  return new HttpError(400, 'malformed_json', { message });
}

function tooLarge(maxBytes: number): HttpError {
  return new HttpError(413, 'body_too_large', {
    message: `The body must not be longer than ${maxBytes} bytes.`,
  });
}
