/** The commit history: one sentence per commit. */
export const SUBJECT_LENGTH = 72;

/** Subjects from this commit on must keep to the length; older ones stay as they are. */
export const FIRST_HELD = 'd294e1f';

/** @param log one line per commit: its hash, a space, its subject */
export function longSubjects(log: string): string[] {
  return log
    .split('\n')
    .map((line) => ({ hash: line.slice(0, line.indexOf(' ')), subject: line.replace(/^\S+ /, '') }))
    .filter(({ subject }) => subject.length > SUBJECT_LENGTH)
    .map(({ hash, subject }) => `${hash} has a subject of ${subject.length} characters`);
}
