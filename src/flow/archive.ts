/** What archives of every kind of event have in common. */

/** The store behind an archive cannot be reached; its cause says why. */
export class ArchiveUnavailableError extends Error {
  override readonly name = 'ArchiveUnavailableError';
}
