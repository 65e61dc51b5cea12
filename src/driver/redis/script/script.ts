/**
 * A Lua script: its text, and the hash by which Redis runs it once it is loaded.
 *
 * A line `-- @include PART` is replaced by the text of that part, at its first occurrence only:
 * parts include the parts that they need themselves.
 */
import { createHash } from 'node:crypto';
import itemText from './item.lua' with { type: 'text' };
import ruleText from './rule.lua' with { type: 'text' };

export type Script = { readonly text: string; readonly sha: string };

const PARTS: Parts = { 'rule.lua': ruleText, 'item.lua': itemText };
const INCLUDE = /^-- @include (.*)$/gm;

type Parts = Readonly<Record<string, string>>;

/** @throws TypeError when it includes an unknown part, or one that includes itself */
export function createScript(source: string, parts = PARTS): Script {
  const text = included(source, parts);
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

function included(source: string, parts: Parts): string {
  const done = new Set<string>();
  const resolve = (text: string, way: readonly string[]): string =>
    text.replace(INCLUDE, (_, name: string) => {
      const part = parts[name];
      if (part === undefined) throw new TypeError(`there is no part ${name} to include`);
      if (way.includes(name)) throw new TypeError(`${[...way, name].join(' includes ')}`);
      if (done.has(name)) return '';
      done.add(name);
      return resolve(part, [...way, name]);
    });
  return resolve(source, []);
}
