import { expect, test } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { openPgBouncer } from '../../../deploy/local/pgbouncer.ts';
import { openPostgres, openPostgresReplica } from '../../../deploy/local/postgres.ts';
import { until } from '../../../deploy/local/until.ts';
import { eventOf as auctionOf, bidOf, impOf, resultOf } from '../../../test/support/auction.ts';
import { eventsOf } from '../../../test/support/live-event.ts';
import { migrateUp } from '../../../test/support/postgres-store.ts';
import { ArchiveUnavailableError } from '../../port/archive.ts';
import { openPostgresArchives } from './archives.ts';
import { openPostgresCatalog } from './catalog.ts';

const PAGE = { itemId: 'L1', epoch: null, afterSeq: 0, limit: 1_000_000 };
const TEST_MS = 40_000;

async function untilDone(run: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ArchiveUnavailableError)) throw error;
      await Bun.sleep(20);
    }
  }
}

/** PostgreSQL has a process for each connection. */
async function signalSessions(pid: number, signal: NodeJS.Signals): Promise<void> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  for (const child of children.trim().split(' ')) process.kill(Number(child), signal);
}

for (const way of ['direct', 'through PgBouncer'] as const) {
  test(
    `a PostgreSQL killed under appends, ${way}, has everything once when it is back`,
    async () => {
      await using primary = await openPostgres();
      await using pool = await openPgBouncer(primary);
      await migrateUp(primary.url);
      const url = way === 'direct' ? primary.url : pool.urlOf('postgres');
      await using archives = openPostgresArchives({ url, replicaUrl: '' });
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

test(
  'a PostgreSQL that hangs is told in time, and is there again when it goes on',
  async () => {
    await using primary = await openPostgres();
    await migrateUp(primary.url);
    await using archives = openPostgresArchives({ url: primary.url, replicaUrl: '' });
    await archives.items.append(eventsOf(1, 3));
    await until('it is up', async () => archives.isUp());
    await signalSessions(primary.pid, 'SIGSTOP');
    primary.kill('SIGSTOP');
    const startedAt = performance.now();
    await expect(archives.items.read(PAGE)).rejects.toBeInstanceOf(ArchiveUnavailableError);
    expect(performance.now() - startedAt).toBeLessThan(6_000);
    await until('it is told as down', async () => !archives.isUp());
    primary.kill('SIGCONT');
    await signalSessions(primary.pid, 'SIGCONT');
    await until('it is up', async () => archives.isUp());
    await untilDone(() => archives.items.append(eventsOf(2, 5)));
    expect(await archives.items.read(PAGE)).toEqual(eventsOf(1, 5));
  },
  TEST_MS,
);

test(
  'a catalogue is watched over an outage of PostgreSQL',
  async () => {
    await using primary = await openPostgres();
    await using catalog = await openPostgresCatalog(primary.url);
    const seen: number[] = [];
    catalog.watch(0, ({ version }) => seen.push(version));
    await catalog.replace({ supplies: [], bidders: [] });
    await until('the first is seen', async () => seen.length === 1);
    primary.kill('SIGKILL');
    await expect(catalog.load()).rejects.toThrow();
    await until('it is told as down', async () => !catalog.isUp());
    await primary.restart();
    await until('another is replaced', async () => {
      await using other = await openPostgresCatalog(primary.url);
      return (await other.replace({ supplies: [], bidders: [] })) === 2;
    });
    await until('the second is seen', async () => seen.length === 2);
    expect(seen).toEqual([1, 2]);
    await until('it is told as up', async () => catalog.isUp());
  },
  TEST_MS,
);

test(
  'reads go to the replica, and to the primary when the replica is away',
  async () => {
    await using primary = await openPostgres();
    await migrateUp(primary.url);
    await using replica = await openPostgresReplica(primary);
    const place = { url: primary.url, replicaUrl: replica.url };
    await using archives = openPostgresArchives(place);
    await archives.items.append(eventsOf(1, 3));
    await until('the replica has it', async () => (await archives.items.read(PAGE)).length === 3);
    primary.kill('SIGKILL');
    expect(await archives.items.read(PAGE)).toEqual(eventsOf(1, 3));
    await expect(archives.items.append(eventsOf(4, 4))).rejects.toBeInstanceOf(
      ArchiveUnavailableError,
    );
    await primary.restart();
    replica.kill('SIGKILL');
    await untilDone(() => archives.items.append(eventsOf(4, 4)));
    expect(await archives.items.read(PAGE)).toEqual(eventsOf(1, 4));
  },
  TEST_MS,
);
