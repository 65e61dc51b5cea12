/** A bidder as the public sees it: the first and the last character, and not how long the id is. */
export function maskUserId(userId: string): string {
  return `${userId.slice(0, 1)}***${userId.slice(-1)}`;
}
