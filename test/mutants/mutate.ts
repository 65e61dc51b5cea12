/** A mutant applied to the sources of its room. */
import type { SourceFile } from '../house/tree.ts';
import type { Mutant } from './table.ts';

/** The one file that contains `from`, with `to` instead; null when the mutant is stale. */
export function mutate(files: readonly SourceFile[], { from, to }: Mutant): SourceFile | null {
  const pieces = files.map((file) => ({ file, parts: file.text.split(from) }));
  const [found, ...others] = pieces.filter(({ parts }) => parts.length > 1);
  if (found === undefined || others.length > 0 || found.parts.length > 2) return null;
  return { path: found.file.path, text: found.parts.join(to) };
}
