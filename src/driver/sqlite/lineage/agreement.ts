/**
 * Whether the files of a folder belong together, asked at every start before anything is decided.
 *
 * A book behind the files beside it was brought back from a copy: bids that it has forgotten were
 * acknowledged and seen. Its items go on in a new epoch, so that nobody takes the two histories for one. An
 * empty book beside files that hold events, or a book beside files of another, is refused: what is meant
 * only a person can say.
 */
import type { BookLineage } from './book-lineage.ts';
import type { FollowerLineage } from './follower-lineage.ts';

export class LineageError extends Error {
  override readonly name = 'LineageError';
}

export type AgreementParts = {
  readonly book: BookLineage;
  readonly followers: readonly FollowerLineage[];
  nextId(): string;
  nextEpoch(): string;
};

export type Agreement = {
  /** Files that hold events which the book no longer knows. Its items are in a new epoch. */
  readonly ahead: readonly string[];
  /** Files that begin beside a book that has items: what they held before is missing. */
  readonly begun: readonly string[];
};

/** @throws LineageError a sentence that names the files and what to do. */
export function agreeOnLineage({ book, followers, nextId, nextEpoch }: AgreementParts): Agreement {
  demandBook(book, followers);
  const begun = isUsed(book) ? followers.filter((one) => one.id() === null) : [];
  const id = book.id() ?? nextId();
  demandKinship(id, followers);
  const ahead = followers.filter((one) => !isKnown(book, one));
  if (ahead.length > 0) book.beginEpoch(nextEpoch());
  // Last: a process that ends before this finds out again.
  for (const one of ahead) one.forgetLast();
  if (book.id() === null) book.give(id);
  for (const one of followers) if (one.id() !== id) one.give(id);
  return { ahead: namesOf(ahead), begun: namesOf(begun) };
}

/** Before the first agreement it may have been served by a version that kept none. */
function isUsed(book: BookLineage): boolean {
  return book.id() !== null && !book.isEmpty();
}

function demandBook(book: BookLineage, followers: readonly FollowerLineage[]): void {
  if (!book.isEmpty()) return;
  const full = namesOf(followers.filter((one) => one.holdsEvents()));
  if (full.length === 0) return;
  throw new LineageError(
    `live.db holds no items, but ${full.join(' and ')} beside it holds their events: ` +
      'bring live.db back (gavel restore), or move these files away to begin anew',
  );
}

function demandKinship(id: string, followers: readonly FollowerLineage[]): void {
  const others = followers.filter((one) => one.id() !== null && one.id() !== id);
  const strange = namesOf(others.filter((one) => one.holdsEvents()));
  if (strange.length === 0) return;
  throw new LineageError(
    `live.db is not the one that ${strange.join(' and ')} beside it come from: ` +
      'bring back the files that belong together (gavel restore), or move these away',
  );
}

function isKnown(book: BookLineage, follower: FollowerLineage): boolean {
  const last = follower.last();
  return last === null || book.knows(last);
}

function namesOf(files: readonly FollowerLineage[]): string[] {
  return files.map(({ name }) => name);
}
