/** One kind of event on NATS: its stream, its subject, and the durable names that must ack it. */
import type { AuctionEvent } from '../../../exchange/rule/auction.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';

export type NatsChannel<Event> = {
  readonly stream: string;
  /** Events go to `<subject>.batch`; the stream takes all of `<subject>.>`. */
  readonly subject: string;
  /**
   * Durable names created with the stream: it keeps what they have not acked, however late they
   * come.
   */
  readonly durables: readonly string[];
  idOf(event: Event): string;
};

/** Settings that differ between installations. */
export type NatsLimits = {
  /** Size in bytes beyond which the stream refuses new messages. */
  readonly maxBytes: number;
  /** Servers of a NATS cluster that hold the stream. */
  readonly replicas: number;
  readonly duplicateWindowMs: number;
  /** Messages that a lost subscriber held go to another after this time. */
  readonly ackWaitMs: number;
};

export const NATS_LIMITS: NatsLimits = {
  maxBytes: 1024 * 1024 * 1024,
  replicas: 1,
  duplicateWindowMs: 120_000,
  ackWaitMs: 2_500,
};

export const BID_CHANNEL: NatsChannel<ItemEvent> = {
  stream: 'GAVEL_BIDS',
  subject: 'gavel.bids',
  durables: ['archive'],
  idOf: ({ eventId }) => eventId,
};

export const AUCTION_CHANNEL: NatsChannel<AuctionEvent> = {
  stream: 'GAVEL_AUCTIONS',
  subject: 'gavel.auctions',
  durables: ['archive'],
  idOf: ({ auctionId }) => auctionId,
};

export const DEAD_STREAM = 'GAVEL_DEAD';
export const DEAD_SUBJECT = 'gavel.dead';

export function subjectOfDead({ stream }: Pick<NatsChannel<never>, 'stream'>): string {
  return `${DEAD_SUBJECT}.${stream}`;
}
