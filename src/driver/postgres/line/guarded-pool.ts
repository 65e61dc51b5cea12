/**
 * A pool whose broken connections are not used again.
 *
 * A connection that failed in another way than by the server's refusal (it broke, or did not answer in
 * time) is thrown away when it is released: nobody knows what it still does. Until then every further
 * query on it, such as a rollback, rejects at once with the first failure.
 */
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { DatabaseError, type Pool, type PoolClient } from 'pg';

export type GuardedPool = Pick<PostgresPool, 'connect'> & {
  /** Breaks every connection in use: what is under way on it rejects with this. */
  abandon(reason: Error): void;
};

type GuardedClient = PostgresPoolClient & { abandon(reason: Error): void };

export function guardPool(pool: Pool): GuardedPool {
  const inUse = new Set<GuardedClient>();
  return {
    connect: async () => {
      const client = guardClient(await pool.connect(), () => inUse.delete(client));
      inUse.add(client);
      return client;
    },
    abandon: (reason) => {
      for (const client of inUse) client.abandon(reason);
    },
  };
}

function guardClient(client: PoolClient, onReleased: () => void): GuardedClient {
  let failure: Error | undefined;
  let isReleased = false;
  const note = (error: Error) => {
    failure ??= error;
  };
  // Without a listener a connection that breaks between two queries would end the process.
  client.on('error', note);

  async function query(text: unknown, parameters: readonly unknown[] = []) {
    if (failure !== undefined) throw failure;
    try {
      return await client.query(String(text), [...parameters]);
    } catch (error) {
      if (!isRefusal(error)) note(error as Error);
      throw failure ?? error;
    }
  }

  function release(): void {
    if (isReleased) return;
    isReleased = true;
    client.off('error', note);
    onReleased();
    client.release(failure);
  }

  return {
    // Without cursors: those are a second form of `query` that nobody here uses.
    query: query as unknown as PostgresPoolClient['query'],
    release,
    abandon: (reason) => {
      note(reason);
      release();
    },
  };
}

/** Whether the server refused a statement and keeps the connection: SQLSTATE 08 and 57P end it. */
function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && !/^(?:08|57P)/.test(error.code ?? '08');
}
