/**
 * A pool whose broken connections are not used again.
 *
 * A connection that failed in another way than by the server's refusal (it broke, or did not answer in
 * time) is thrown away when it is released: nobody knows what it still does. Until then every further
 * query on it, such as a rollback, rejects at once with the first failure.
 */
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { DatabaseError, type Pool, type PoolClient } from 'pg';

export function guardPool(pool: Pool): Pick<PostgresPool, 'connect'> {
  return { connect: async () => guardClient(await pool.connect()) };
}

function guardClient(client: PoolClient): PostgresPoolClient {
  let failure: Error | undefined;
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
      throw error;
    }
  }

  return {
    // Without cursors: those are a second form of `query` that nobody here uses.
    query: query as unknown as PostgresPoolClient['query'],
    release: () => {
      client.off('error', note);
      client.release(failure);
    },
  };
}

/** Whether the server refused a statement and keeps the connection: SQLSTATE 08 and 57P end it. */
function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && !/^(?:08|57P)/.test(error.code ?? '08');
}
