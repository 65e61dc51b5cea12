import { beforeAll, expect, test } from 'bun:test';
import { SQL } from 'bun';
import { until } from '../../../../deploy/local/until.ts';
import { eventsOf } from '../../../../test/support/live-event.ts';
import {
  createManualTime,
  type ManualTime,
  untilTurned,
} from '../../../../test/support/manual-timers.ts';
import {
  direct,
  newDatabase,
  newMigratedDatabase,
  openArchives,
  SERVERS_START_MS,
} from '../../../../test/support/postgres-store.ts';
import { sharedPostgresReplica } from '../../../../test/support/servers.ts';
import { SYSTEM_TIME } from '../../../../test/support/system-time.ts';
import { ArchiveUnavailableError } from '../../../flow/archive.ts';
import { openPostgresArchives } from '../archive/archives.ts';
import { openPostgres, type PostgresDatabase } from './database.ts';
import { logPositionOf, watchReplica } from './replica-watch.ts';

const PAGE = { itemId: 'L1', epoch: null, afterSeq: 0, limit: 1_000 };
const TEST_MS = 40_000;

beforeAll(async () => {
  await sharedPostgresReplica();
}, SERVERS_START_MS);

async function openReplicatedArchives(time: ManualTime) {
  const name = await newMigratedDatabase();
  const replicaUrl = (await sharedPostgresReplica()).urlOf(name);
  const archives = openPostgresArchives({ url: await direct(name), replicaUrl }, time);
  await untilTurned(time, 'the replica keeps up', async () => archives.isReplicaUp());
  return archives;
}

test(
  'a replica that stands still is skipped, and used again when it has caught up',
  async () => {
    const time = createManualTime();
    await using archives = await openReplicatedArchives(time);
    await archives.items.append(eventsOf(1, 3));
    const lengths: number[] = [];
    const read = async () => {
      const { length } = await archives.items.read(PAGE);
      lengths.push(length);
      return length;
    };
    await until('the replica has it', async () => (await read()) === 3);
    await using replica = new SQL((await sharedPostgresReplica()).url);
    await replica`select pg_wal_replay_pause()`;
    try {
      await archives.items.append(eventsOf(4, 5));
      expect(await read()).toBe(3);
      await untilTurned(time, 'the replica is behind', async () => !archives.isReplicaUp());
      expect(await read()).toBe(5);
      await archives.items.append(eventsOf(6, 6));
      expect(await read()).toBe(6);
    } finally {
      await replica`select pg_wal_replay_resume()`;
    }
    await untilTurned(time, 'the replica keeps up again', async () => archives.isReplicaUp());
    expect(await read()).toBe(6);
    expect(lengths).toEqual(lengths.toSorted((left, right) => left - right));
  },
  TEST_MS,
);

test('a replica that its primary does not reach counts as behind', async () => {
  const time = createManualTime();
  const options = { connections: 2, statementTimeoutMs: 2_000, ...SYSTEM_TIME };
  const replicaUrl = (await sharedPostgresReplica()).url;
  await using primary = openPostgres<unknown>(await direct('postgres'), options);
  await using replica = openPostgres<unknown>(replicaUrl, options);
  await using asking = new SQL(replicaUrl);
  const [receiver] = await asking`select pid from pg_stat_wal_receiver`;
  const positionOf = (database: PostgresDatabase<unknown>) => () => logPositionOf(database.db);
  const watch = watchReplica({
    ...time,
    primaryPosition: positionOf(primary),
    replicaPosition: positionOf(replica),
  });
  await untilTurned(time, 'it keeps up', async () => watch.freshness() === 'fresh');
  process.kill(receiver.pid, 'SIGSTOP');
  try {
    await newDatabase();
    await untilTurned(time, 'it is behind', async () => watch.freshness() === 'behind');
  } finally {
    process.kill(receiver.pid, 'SIGCONT');
  }
  await untilTurned(time, 'it keeps up again', async () => watch.freshness() === 'fresh');
  watch.stop();
});

test('without a replica none is reported missing', async () => {
  await using archives = openArchives('postgres://nobody@127.0.0.1:1/nothing');
  await expect(archives.items.read(PAGE)).rejects.toBeInstanceOf(ArchiveUnavailableError);
  expect(archives.isReplicaUp()).toBe(true);
});
