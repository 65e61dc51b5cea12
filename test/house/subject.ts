/** The history that a person reads: one sentence a commit. */
export const SUBJECT_LENGTH = 72;

/** From here on subjects are held to their length; older ones stay as they were written. */
export const FIRST_HELD = 'd294e1f';

/** @param log a line per commit: its hash, a space, its subject */
export function longSubjects(log: string): string[] {
  return log
    .split('\n')
    .map((line) => ({ hash: line.slice(0, line.indexOf(' ')), subject: line.replace(/^\S+ /, '') }))
    .filter(({ subject }) => subject.length > SUBJECT_LENGTH)
    .map(({ hash, subject }) => `${hash} has a subject of ${subject.length} characters`);
}
