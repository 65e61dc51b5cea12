/**
 * Transactions on a few keys: read, decide, and write only if no other client has written
 * meanwhile.
 *
 * WATCH belongs to a connection, so each transaction has a connection to itself, out of a small
 * pool. The writes are sent in the same turn of the event loop in which the answer to WATCH was
 * read: so the connection cannot have been replaced by one without its WATCH in between. A
 * connection with any failure is discarded.
 */
import type { ChainableCommander, Redis } from 'ioredis';
import { present } from '../../../core/assert.ts';
import { createBackoff } from '../../../core/backoff.ts';
import type { Random } from '../../../core/random.ts';
import { sleep } from '../../../core/timer.ts';
import { NotDecidedError } from '../../../live/port/item-book.ts';
import type { QueueLimit } from './call-queue.ts';
import type { RedisConnection } from './connection.ts';

const CONNECTIONS = 4;
const TRIES = 12;
const PAUSE = { firstMs: 2, longestMs: 16 };

export type Transaction<Result> = {
  /** Adds the reads, after the WATCH. */
  read(pipeline: ChainableCommander): void;
  /** Decides on the replies, in the order of `read`. @returns the writes; null for none. */
  decide(replies: readonly unknown[]): {
    readonly result: Result;
    readonly write: ((transaction: ChainableCommander) => void) | null;
  };
};

export type Transactions = AsyncDisposable & {
  /**
   * @throws NotDecidedError when others were always faster, RedisDownError, or the error of Redis
   */
  run<Result>(watched: readonly string[], transaction: Transaction<Result>): Promise<Result>;
};

export type TransactionParts = {
  /** Spreads out the retries. */
  readonly random: Random;
  readonly limit: Pick<QueueLimit, 'waiting'>;
};

/** @param key selects the node: all watched and written keys must be there. */
export function createTransactions(
  connection: Pick<RedisConnection, 'call' | 'ownClient' | 'timers'>,
  key: string,
  { random, limit }: TransactionParts,
): Transactions {
  const clients = createClients(() => connection.ownClient(key), limit.waiting);

  /** Null when another client has written meanwhile. */
  async function attempt<Result>(
    client: Redis,
    watched: readonly string[],
    transaction: Transaction<Result>,
  ): Promise<{ result: Result } | null> {
    const pipeline = client.pipeline().watch(...watched);
    transaction.read(pipeline);
    const [, ...replies] = await connection.call(key, () => repliesOf(pipeline.exec()));
    const { result, write } = transaction.decide(replies);
    if (write === null) {
      await connection.call(key, () => client.unwatch());
      return { result };
    }
    const multi = client.multi();
    write(multi);
    const written = await connection.call(key, () => execOf(multi));
    return written ? { result } : null;
  }

  async function tryOnce<Result>(watched: readonly string[], transaction: Transaction<Result>) {
    const client = await clients.take();
    try {
      await readyOf(connection, key, client);
      const done = await attempt(client, watched, transaction);
      clients.giveBack(client);
      return done;
    } catch (error) {
      clients.discard(client);
      throw error;
    }
  }

  return {
    run: async (watched, transaction) => {
      const backoff = createBackoff({ ...PAUSE, random });
      for (let tries = 0; tries < TRIES; tries++) {
        const done = await tryOnce(watched, transaction);
        if (done !== null) return done.result;
        await sleep(connection.timers, backoff.nextMs());
      }
      throw new NotDecidedError('others were always quicker');
    },
    [Symbol.asyncDispose]: async () => clients.close(),
  };
}

/** A few connections; a caller that finds none free waits for its turn. */
function createClients(open: () => Redis, mostWaiting: number) {
  const free: Redis[] = [];
  const all = new Set<Redis>();
  const waiting: (() => void)[] = [];
  let taken = 0;

  function opened(): Redis {
    const client = free.pop() ?? open();
    all.add(client);
    return client;
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) taken -= 1;
    else next();
  }

  return {
    take: async (): Promise<Redis> => {
      if (taken < CONNECTIONS) taken += 1;
      else if (waiting.length < mostWaiting) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else throw new NotDecidedError('too many bids wait for the book');
      try {
        return opened();
      } catch (error) {
        leave();
        throw error;
      }
    },
    giveBack: (client: Redis): void => {
      free.push(client);
      leave();
    },
    discard: (client: Redis): void => {
      all.delete(client);
      client.disconnect();
      leave();
    },
    close: (): void => {
      for (const client of all) client.disconnect();
    },
  };
}

async function readyOf(
  connection: Pick<RedisConnection, 'call'>,
  key: string,
  client: Redis,
): Promise<void> {
  if (client.status === 'ready') return;
  await connection.call(
    key,
    () => new Promise<void>((resolve) => client.once('ready', () => resolve())),
  );
}

type Replies = readonly [error: Error | null, reply: unknown][] | null;

/** The replies of a pipeline. @throws when any of them is an error. */
async function repliesOf(pipeline: Promise<Replies>): Promise<unknown[]> {
  return present(await pipeline, 'the replies of a pipeline').map(([error, reply]) => {
    if (error !== null) throw error;
    return reply;
  });
}

/** Whether the transaction was carried out. */
async function execOf(multi: ChainableCommander): Promise<boolean> {
  const replies: Replies = await multi.exec();
  if (replies === null) return false;
  for (const [error] of replies) if (error !== null) throw error;
  return true;
}
