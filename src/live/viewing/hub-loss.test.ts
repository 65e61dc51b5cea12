import { describe, expect, test } from 'bun:test';
import { inShort } from '../../../test/support/abstract-viewer.ts';
import { definitionOf } from '../../../test/support/live-item.ts';
import { openTestHub, settled, TICK_MS } from '../../../test/support/test-hub.ts';
import { ArchiveUnavailableError } from '../../flow/archive.ts';

const SECOND_MS = 1_000;

/** Advances one second and lets all reads in it finish. */
async function aSecond(hub: Awaited<ReturnType<typeof openTestHub>>): Promise<void> {
  await settled();
  hub.advance(SECOND_MS);
  await settled();
}

describe('a bus that was away', () => {
  test('and lost the last event: viewers get a snapshot, though no event follows', async () => {
    const opened = await openTestHub();
    const viewer = await opened.joined();
    await opened.stage.decide('ann', 50);
    opened.stage.lose();
    opened.stage.reconnect();
    await settled();
    expect(inShort(viewer.frames())).toBe('snapshot0');
    await aSecond(opened);
    expect(inShort(viewer.frames())).toBe('lost-snapshot1');
    await opened.stage.bid('ben', 60);
    expect(inShort(viewer.frames())).toBe('2');
  });

  test('and lost the last event: viewers get it once the archive has it', async () => {
    const opened = await openTestHub();
    const viewer = await opened.joined();
    await opened.stage.decide('ann', 50);
    await opened.stage.archiveOnly();
    opened.stage.reconnect();
    await aSecond(opened);
    expect(inShort(viewer.frames())).toBe('snapshot0 1');
  });

  test('and lost nothing: viewers do not notice', async () => {
    const opened = await openTestHub();
    await opened.stage.bid('ann', 50);
    const viewer = await opened.joined();
    opened.stage.reconnect();
    await aSecond(opened);
    await aSecond(opened);
    expect(inShort(viewer.frames())).toBe('snapshot1');
  });

  test('and delivers the rest late, but within a second: nothing is lost', async () => {
    const opened = await openTestHub();
    const viewer = await opened.joined();
    await opened.stage.decide('ann', 50);
    opened.stage.reconnect();
    await settled();
    opened.advance(SECOND_MS - 1);
    await opened.stage.relay();
    await aSecond(opened);
    expect(inShort(viewer.frames())).toBe('snapshot0 1');
  });

  test('is made up for as soon as the book can be read', async () => {
    const opened = await openTestHub();
    const viewer = await opened.joined();
    await opened.stage.decide('ann', 50);
    opened.stage.lose();
    opened.gate.passes = Promise.reject(new Error('the book is away'));
    opened.stage.reconnect();
    await settled();
    expect(opened.faults).toHaveLength(1);
    opened.gate.passes = Promise.resolve();
    await aSecond(opened);
    await aSecond(opened);
    expect(inShort(viewer.frames())).toBe('snapshot0 lost-snapshot1');
  });

  test('also updates a viewer that is just being admitted', async () => {
    const opened = await openTestHub();
    const read = Promise.withResolvers<void>();
    opened.gate.passes = read.promise;
    const viewer = opened.join();
    await settled();
    opened.gate.passes = Promise.resolve();
    await opened.stage.decide('ann', 50);
    opened.stage.lose();
    opened.stage.reconnect();
    // Longer than the hub waits for the bus.
    await aSecond(opened);
    read.resolve();
    await aSecond(opened);
    expect(inShort(viewer.frames())).toBe('snapshot0 lost-snapshot1');
  });

  test('makes the hub check every watched item, and a lost close is shown', async () => {
    const opened = await openTestHub();
    const { stage } = opened;
    const viewers = [];
    for (let number = 2; number < 200; number++) {
      await stage.open({ ...definitionOf(), itemId: `L${number}` });
      viewers.push(await opened.joined({ itemId: `L${number}` }));
      await stage.book.close(`L${number}`, { eventId: `end${number}`, force: true });
    }
    stage.lose();
    stage.reconnect();
    for (let turn = 0; turn < 5; turn++) await settled();
    await aSecond(opened);
    for (const viewer of viewers) {
      const [, last] = viewer.frames();
      expect(last).toMatchObject({ recovered: false, item: { status: 'ended' } });
    }
  });
});

test('events that wait for their tick are shown before a snapshot that skips a gap', async () => {
  const { stage, joined } = await openTestHub();
  const viewer = await joined();
  await stage.bid('ann', 50);
  await stage.bid('ben', 60);
  await stage.decide('ann', 70);
  stage.lose();
  await stage.bid('ben', 80);
  await settled();
  expect(inShort(viewer.frames())).toBe('snapshot0 1 2 lost-snapshot4');
});

test('an event that is lost while the snapshot is read is noticed at the next event', async () => {
  const { stage, gate, join, advance } = await openTestHub();
  const read = Promise.withResolvers<void>();
  gate.passes = read.promise;
  const viewer = join();
  await settled();
  await stage.decide('ann', 50);
  stage.lose();
  await stage.bid('ben', 60);
  read.resolve();
  await settled();
  advance(TICK_MS);
  await stage.bid('ann', 70);
  expect(inShort(viewer.frames())).toBe('snapshot0 lost-snapshot2 3');
});

describe('an archive that cannot be read', () => {
  for (const fault of [new ArchiveUnavailableError('away'), new Error('broken')]) {
    const reports = fault instanceof ArchiveUnavailableError ? 0 : 1;

    test(`with ${fault.name}: a resume falls back to a snapshot`, async () => {
      const { joined, burst, stage, faults } = await openTestHub();
      await burst(50, 5);
      await joined();
      stage.archiveFault = fault;
      const viewer = await joined({ resume: { since: 2, epoch: 'epoch1' } });
      expect(inShort(viewer.frames())).toBe('lost-snapshot5');
      expect(viewer.closedWith).toBeNull();
      expect(faults).toHaveLength(reports);
    });

    test(`with ${fault.name}: a gap heals from the book at once`, async () => {
      const { joined, stage, advance, faults } = await openTestHub();
      const viewer = await joined();
      stage.archiveFault = fault;
      await stage.decide('ann', 50);
      await stage.archiveOnly();
      await stage.bid('ben', 60);
      await settled();
      advance(TICK_MS);
      await stage.bid('ann', 70);
      expect(inShort(viewer.frames())).toBe('snapshot0 lost-snapshot2 3');
      expect(faults).toHaveLength(reports);
    });
  }
});
