/** Texts that people write. */

/** Whether a text has 1 to `most` characters: code points of well-formed Unicode. */
export function hasCharacters(text: string, most: number): boolean {
  if (text.length === 0 || text.length > 2 * most || !text.isWellFormed()) return false;
  return text.length <= most || [...text].length <= most;
}
