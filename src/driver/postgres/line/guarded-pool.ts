/**
 * A pool that never reuses a broken connection.
 *
 * A connection that failed other than by a refused statement (it broke, or did not answer in time)
 * is discarded on release: its state is unknown. Until then every further query on it, such as a
 * rollback, rejects at once with the first failure.
 */
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { DatabaseError, type Pool, type PoolClient } from 'pg';

export type GuardedPool = Pick<PostgresPool, 'connect'> & {
  /** Breaks every connection in use: its calls reject with this error. */
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
  // Without a listener, a connection that breaks between two queries would crash the process.
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
    // Cursors, a second form of `query`, are not supported: nothing here uses them.
    query: query as unknown as PostgresPoolClient['query'],
    release,
    abandon: (reason) => {
      note(reason);
      release();
    },
  };
}

/** Whether the server refused only the statement: SQLSTATE 08 and 57P end the connection. */
function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && !/^(?:08|57P)/.test(error.code ?? '08');
}
