/** One kind of event on NATS: its stream, its subject, and who has to have passed it. */
import type { AuctionEvent } from '../../../exchange/rule/auction.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';

export type NatsChannel<Event> = {
  readonly stream: string;
  /** Events go to `<subject>.batch`; the stream takes all of `<subject>.>`. */
  readonly subject: string;
  /** Durable names that exist with the stream: what they have not passed is kept, come they ever so late. */
  readonly durables: readonly string[];
  idOf(event: Event): string;
};

/** What may differ from one installation to another. */
export type NatsLimits = {
  /** Beyond it the stream refuses what is published. */
  readonly maxBytes: number;
  /** Servers of a NATS cluster that hold the stream. */
  readonly replicas: number;
  readonly duplicateWindowMs: number;
  /** What a lost subscriber held comes to another after this time. */
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
