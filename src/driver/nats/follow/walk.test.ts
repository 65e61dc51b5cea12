/** From the outbox over NATS to the archive, as relay and archiver do it, while NATS dies. */
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { openNatsServer } from '../../../../deploy/local/nats.ts';
import { until } from '../../../../deploy/local/until.ts';
import { bidOf, definitionOf } from '../../../../test/support/live-item.ts';
import { newChannel, openNatsProcess } from '../../../../test/support/nats-stage.ts';
import { openLiveFileAt, openTemporaryFolder } from '../../../../test/support/opened-live-file.ts';
import { systemClock } from '../../../core/clock.ts';
import { systemTimers } from '../../../core/timer.ts';
import { startCarry } from '../../../flow/carry.ts';
import { startFollow } from '../../../flow/follow.ts';
import type { ItemBook } from '../../../live/port/item-book.ts';
import { openSqliteArchive } from '../../sqlite/item-archive.ts';

const ROUNDS = 3;
const BIDS_A_ROUND = 300;

async function bid(book: ItemBook, round: number): Promise<void> {
  for (let index = 0; index < BIDS_A_ROUND; index++) {
    const number = round * BIDS_A_ROUND + index;
    const command = bidOf({ userId: 'ann', amount: 60 + number * 10 }, number);
    await book.place({ ...command, itemId: 'L1', idempotencyKey: null });
    // So that bids, relay and archiver overlap, as in production.
    if (index % 50 === 0) await Bun.sleep(5);
  }
}

test('every event is archived, though NATS is killed twice and the duplicate window is short', async () => {
  await using server = await openNatsServer();
  await using folder = await openTemporaryFolder();
  await using file = openLiveFileAt(join(folder.path, 'live.db'), systemClock);
  await using archive = openSqliteArchive(join(folder.path, 'archive.db'));
  const channel = newChannel(['archive']);
  const limits = { duplicateWindowMs: 100 };
  await using relaying = openNatsProcess(server.url, channel, limits);
  await using archiving = openNatsProcess(server.url, channel, limits);
  const archiver = await startFollow({
    bus: archiving.bus,
    durableName: 'archive',
    sink: archive,
  });
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const { outbox, book } = file;
  const relay = startCarry({
    log: outbox,
    deliver: (events) => relaying.bus.publish(events),
    batchEvents: 5_000,
    paceMs: 20,
    clock: systemClock,
    timers: systemTimers,
    onError,
  });
  await book.open(definitionOf());

  for (let round = 0; round < ROUNDS; round++) {
    const bidding = bid(book, round);
    if (round < ROUNDS - 1) {
      server.kill('SIGKILL');
      await server.exited;
      // Longer than the duplicate window: messages that were published but not acked arrive twice.
      await Bun.sleep(200);
      await server.restart();
    }
    await bidding;
  }

  const total = ROUNDS * BIDS_A_ROUND;
  const page = { itemId: 'L1', epoch: null, afterSeq: 0, limit: 2 * total };
  await until('all is archived', async () => (await archive.read(page)).length >= total);
  await relay.stop();
  await archiver.stop();
  const seqs = (await archive.read(page)).map(({ seq }) => seq);
  expect(seqs).toEqual(Array.from({ length: total }, (_, index) => index + 1));
  expect(await relay.lag()).toEqual({ events: 0, ageMs: 0 });
  expect(errors.length).toBeGreaterThan(0);
}, 30_000);
