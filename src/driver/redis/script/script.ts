/** A Lua script by its text, and the hash that a Redis knows it by once it has run there. */
import { createHash } from 'node:crypto';

export type Script = { readonly text: string; readonly sha: string };

export function createScript(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}
