import { expect, test } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { openPgBouncer } from '../../../../deploy/local/pgbouncer.ts';
import {
  openPostgresReplica,
  openPostgres as openServer,
  type PostgresPrimary,
} from '../../../../deploy/local/postgres.ts';
import { until } from '../../../../deploy/local/until.ts';
import { eventOf as auctionOf, bidOf, impOf, resultOf } from '../../../../test/support/auction.ts';
import { eventsOf } from '../../../../test/support/live-event.ts';
import { migrateUp, openArchives } from '../../../../test/support/postgres-store.ts';
import { SYSTEM_TIME } from '../../../../test/support/system-time.ts';
import { ArchiveUnavailableError } from '../../../flow/archive.ts';
import { openPostgresCatalog } from '../catalog.ts';
import { openPostgres } from '../line/database.ts';

const PAGE = { itemId: 'L1', epoch: null, afterSeq: 0, limit: 1_000_000 };
const TEST_MS = 40_000;
/** These servers are killed, but their machine is not. */
const FAST = { fsync: false };

async function untilDone(run: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ArchiveUnavailableError)) throw error;
      // Like an archiver, which keeps trying.
      await Bun.sleep(20);
    }
  }
}

/** PostgreSQL has one process per connection. */
async function signalSessions(pid: number, signal: NodeJS.Signals): Promise<void> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  for (const child of children.trim().split(' ')) {
    try {
      process.kill(Number(child), signal);
    } catch (error) {
      // Ended since the list was read.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

for (const way of ['direct', 'through PgBouncer'] as const) {
  test(
    `a PostgreSQL killed under appends, ${way}, has everything once when it is back`,
    async () => {
      await using primary = await openServer(FAST);
      await using pool = await openPgBouncer(primary);
      await migrateUp(primary.url);
      const url = way === 'direct' ? primary.url : pool.urlOf('postgres');
      await using archives = openArchives(url);
      let appended = 0;
      let isOver = false;
      const appending = (async () => {
        for (; !isOver; appended += 100) {
          const events = eventsOf(appended + 1, appended + 100);
          const auctions = events.map(({ seq }) =>
            auctionOf(`auc_${seq}`, resultOf(impOf(), bidOf('ann', 0.5))),
          );
          await untilDone(() => archives.items.append(events));
          await untilDone(() => archives.auctions.append(auctions));
        }
      })();
      for (let round = 0; round < 2; round++) {
        const before = appended;
        await until('more is appended', async () => appended > before + 1_000);
        primary.kill('SIGKILL');
        await primary.restart();
      }
      isOver = true;
      await appending;
      let events: Awaited<ReturnType<typeof archives.items.read>> = [];
      await untilDone(async () => {
        events = await archives.items.read(PAGE);
      });
      expect(events).toEqual(eventsOf(1, appended));
      const totals = await archives.auctions.readTotals(1);
      expect(totals.auctions).toBe(appended);
      expect(Number(totals.revenueMicros)).toBe(appended * 500_000);
    },
    TEST_MS,
  );
}

async function hang(primary: PostgresPrimary): Promise<void> {
  await signalSessions(primary.pid, 'SIGSTOP');
  primary.kill('SIGSTOP');
}

async function goOn(primary: PostgresPrimary): Promise<void> {
  primary.kill('SIGCONT');
  await signalSessions(primary.pid, 'SIGCONT');
}

/** How it ended, and after how long. */
async function endOf(work: PromiseLike<unknown>): Promise<{ failure: unknown; seconds: number }> {
  const startedAt = performance.now();
  const failure = await work.then(
    () => null,
    (error: unknown) => error,
  );
  return { failure, seconds: (performance.now() - startedAt) / 1_000 };
}

test(
  'a PostgreSQL that hangs is noticed in time, and used again when it resumes',
  async () => {
    await using primary = await openServer(FAST);
    await migrateUp(primary.url);
    await using archives = openArchives(primary.url);
    await archives.items.append(eventsOf(1, 3));
    await until('it is up', async () => archives.isUp());
    await hang(primary);
    const calls = [
      archives.items.read(PAGE),
      archives.items.append(eventsOf(4, 4)),
      archives.auctions.append([auctionOf('auc_1', resultOf(impOf(), bidOf('ann', 0.5)))]),
    ];
    for (const { failure, seconds } of await Promise.all(calls.map(endOf))) {
      expect(failure).toBeInstanceOf(ArchiveUnavailableError);
      expect(seconds).toBeLessThan(6);
    }
    await until('it counts as down', async () => !archives.isUp());
    await goOn(primary);
    await until('it is up', async () => archives.isUp());
    await untilDone(() => archives.items.append(eventsOf(2, 5)));
    expect(await archives.items.read(PAGE)).toEqual(eventsOf(1, 5));
  },
  TEST_MS,
);

test(
  'a PostgreSQL that hangs behind PgBouncer holds up neither starts nor stops',
  async () => {
    await using primary = await openServer(FAST);
    await using pool = await openPgBouncer(primary);
    const url = pool.urlOf('postgres');
    const catalog = await openPostgresCatalog(url, SYSTEM_TIME);
    catalog.watch(0, () => undefined);
    const archives = openArchives(url);
    await archives.items.append(eventsOf(1, 3));
    const unlimited = { connections: 2, statementTimeoutMs: null, ...SYSTEM_TIME };
    await using walk = openPostgres(url, unlimited);
    const migration = walk.db
      .transaction()
      .execute((transaction) => sql`select pg_sleep(60)`.execute(transaction));
    await until('all are up', async () => catalog.isUp() && archives.isUp() && walk.isUp());
    await hang(primary);
    const started = endOf(openPostgresCatalog(url, SYSTEM_TIME));
    const walked = endOf(migration);
    const appended = endOf(archives.items.append(eventsOf(4, 4)));
    expect((await endOf(archives[Symbol.asyncDispose]())).seconds).toBeLessThan(3);
    expect((await appended).failure).toBeInstanceOf(ArchiveUnavailableError);
    // By then a watch is reading.
    await until('it counts as down', async () => !catalog.isUp());
    expect((await endOf(catalog[Symbol.asyncDispose]())).seconds).toBeLessThan(3);
    for (const { failure, seconds } of await Promise.all([started, walked])) {
      expect(failure).toMatchObject({ message: 'PostgreSQL does not answer' });
      expect(seconds).toBeLessThan(10);
    }
    await goOn(primary);
  },
  TEST_MS,
);

test(
  'a watch of the catalogue survives an outage of PostgreSQL',
  async () => {
    await using primary = await openServer(FAST);
    await using catalog = await openPostgresCatalog(primary.url, SYSTEM_TIME);
    const seen: number[] = [];
    catalog.watch(0, ({ version }) => seen.push(version));
    await catalog.replace({ supplies: [], bidders: [] });
    await until('the first is seen', async () => seen.length === 1);
    primary.kill('SIGKILL');
    await expect(catalog.load()).rejects.toThrow();
    await until('it counts as down', async () => !catalog.isUp());
    await primary.restart();
    await until('another is replaced', async () => {
      await using other = await openPostgresCatalog(primary.url, SYSTEM_TIME);
      return (await other.replace({ supplies: [], bidders: [] })) === 2;
    });
    await until('the second is seen', async () => seen.length === 2);
    expect(seen).toEqual([1, 2]);
    await until('it counts as up', async () => catalog.isUp());
  },
  TEST_MS,
);

test(
  'reads go to the replica, and to the primary when the replica is away',
  async () => {
    await using primary = await openServer(FAST);
    await migrateUp(primary.url);
    await using replica = await openPostgresReplica(primary, FAST);
    await using archives = openArchives(primary.url, replica.url);
    await archives.items.append(eventsOf(1, 3));
    await until('the replica has it', async () => (await archives.items.read(PAGE)).length === 3);
    primary.kill('SIGKILL');
    expect(await archives.items.read(PAGE)).toEqual(eventsOf(1, 3));
    // The server's processes for open connections outlive it by an answer or two.
    await until('nothing is appended', async () => {
      const { failure } = await endOf(archives.items.append(eventsOf(4, 4)));
      return failure instanceof ArchiveUnavailableError;
    });
    await primary.restart();
    await until('the replica is missed no more', async () => archives.isReplicaUp());
    replica.kill('SIGKILL');
    await until('the replica is missed', async () => !archives.isReplicaUp());
    await untilDone(() => archives.items.append(eventsOf(4, 4)));
    expect(await archives.items.read(PAGE)).toEqual(eventsOf(1, 4));
  },
  TEST_MS,
);
