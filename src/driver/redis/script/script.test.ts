/** Scripts that are assembled from parts. */
import { describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { createScript } from './script.ts';

const PARTS = {
  'base.lua': 'local base = 1',
  'middle.lua': '-- @include base.lua\nlocal middle = base',
  'left.lua': '-- @include right.lua',
  'right.lua': '-- @include left.lua',
};

describe('a script', () => {
  test('has each included part once, at its first occurrence', () => {
    const source = '--[[ head ]]\n-- @include middle.lua\n-- @include base.lua\nreturn middle';
    const { text, sha } = createScript(source, PARTS);
    expect(text).toBe('--[[ head ]]\nlocal base = 1\nlocal middle = base\n\nreturn middle');
    expect(sha).toBe(createHash('sha1').update(text).digest('hex'));
  });

  test('keeps the Lua text of a part unchanged', () => {
    expect(createScript('-- @include a', { a: "gsub(x, '$&', '$1')" }).text).toBe(
      "gsub(x, '$&', '$1')",
    );
  });

  test('that includes an unknown part is refused', () => {
    expect(() => createScript('-- @include none.lua', PARTS)).toThrow(
      'there is no part none.lua to include',
    );
  });

  test('whose parts include each other in a cycle is refused', () => {
    expect(() => createScript('-- @include left.lua', PARTS)).toThrow(
      'left.lua includes right.lua includes left.lua',
    );
  });
});
