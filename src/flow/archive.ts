/** The store behind an archive cannot be reached; `cause` holds the reason. */
export class ArchiveUnavailableError extends Error {
  override readonly name = 'ArchiveUnavailableError';
}
