import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { scanJson } from './json-text.ts';

test.each([
  ['', 'line 1, column 1: expected a value, not the end of the file'],
  ['{"a": [}', 'line 1, column 8: expected a value or "]", not "}"'],
  ['{\n  "a": 1,\n}', 'line 3, column 1: expected a name in quotes, not "}"'],
  ['{\n  "a": 1\n  "b": 2}', 'line 3, column 3: expected "," or "}", not "\\""'],
  ['[1, 2', 'line 1, column 6: expected "," or "]", not the end of the file'],
  ['{a: 1}', 'line 1, column 2: expected a name in quotes or "}", not "a"'],
  ["{'a': 1}", 'line 1, column 2: expected a name in quotes or "}", not "\'"'],
  ['{"a" 1}', 'line 1, column 6: expected ":", not "1"'],
  ['[01]', 'line 1, column 3: expected "," or "]", not "1"'],
  ['[NaN]', 'line 1, column 2: expected a value or "]", not "N"'],
  ['{"a": "b\n"}', 'line 1, column 7: this text has a line break, a bad escape or no end'],
  ['{} // note', 'line 1, column 4: expected the end, not "/"'],
  ['{"a": 1} {', 'line 1, column 10: expected the end, not "{"'],
  ['[1, 😀]', 'line 1, column 5: expected a value, not "😀"'],
])('%p is misplaced: %s', (text, sentence) => {
  expect(scanJson(text).misplaced).toBe(sentence);
  expect(() => JSON.parse(text)).toThrow();
});

test('a name that its object holds already is found, whatever its escapes', () => {
  const text =
    '{"s": {"a": [1],\n "\\u0061": [], "b": {"x": 1, "x": 2}},\n "l": [{}, {"k": 1, "k": 1}]}';
  expect(scanJson(text)).toEqual({
    misplaced: null,
    twice: [
      { path: 's.a', line: 2 },
      { path: 's.b.x', line: 2 },
      { path: 'l[1].k', line: 3 },
    ],
  });
});

test('nesting is never too deep', () => {
  expect(scanJson('['.repeat(1_000_000)).misplaced).toContain('column 1000001');
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('it is JSON exactly when JSON.parse takes it', () => {
  const broken = fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 }));
  fc.assert(
    fc.property(broken, ([json, nat, put]) => {
      const at = nat % (json.length + 1);
      for (const text of [json, json.slice(0, at) + put + json.slice(at + 1)]) {
        expect(scanJson(text).misplaced === null).toBe(parses(text));
      }
    }),
  );
});
