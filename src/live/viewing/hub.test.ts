import { describe, expect, test } from 'bun:test';
import { inShort } from '../../../test/support/abstract-viewer.ts';
import { definitionOf } from '../../../test/support/live-item.ts';
import { openTestHub, settled, TICK_MS } from '../../../test/support/test-hub.ts';
import { aliasOf } from '../../app/node/alias.ts';
import { ADMIN, PUBLIC } from '../rule/view.ts';

test('a viewer gets a snapshot first and then each event', async () => {
  const { stage, joined, advance } = await openTestHub();
  await stage.bid('ann', 50);
  const viewer = await joined();
  expect(viewer.frames()).toEqual([
    expect.objectContaining({
      type: 'snapshot',
      seq: 1,
      epoch: 'epoch1',
      watchers: 1,
      server_time: '2026-01-01T00:00:00.000Z',
      item: expect.objectContaining({ current_bid: 50, minimum_next_bid: 60 }),
    }),
  ]);
  advance(TICK_MS);
  await stage.bid('ben', 60);
  expect(viewer.frames()).toEqual([
    {
      type: 'bid',
      seq: 2,
      epoch: 'epoch1',
      event_id: 'event2',
      item_id: 'L1',
      currency: 'USD',
      bid_id: 'bid2',
      user_id: 'ben',
      amount: 60,
      previous_bid: 50,
      by_proxy: false,
      beaten_user_id: null,
      reserve_met: true,
      ends_at: null,
      minimum_next_bid: 70,
      timestamp: '2026-01-01T00:00:00.050Z',
      server_time: '2026-01-01T00:00:00.050Z',
    },
  ]);
});

test('nothing is missed or doubled when events come while the snapshot is read', async () => {
  const { stage, gate, join, advance } = await openTestHub();
  const read = Promise.withResolvers<void>();
  gate.passes = read.promise;
  const viewer = join();
  await stage.bid('ann', 50);
  await stage.bid('ben', 60);
  read.resolve();
  await settled();
  advance(TICK_MS);
  expect(inShort(viewer.frames())).toBe('snapshot0 1 2');
});

test('nothing is missed or doubled when others are watching already', async () => {
  const { stage, gate, join, joined, advance } = await openTestHub();
  await joined();
  const read = Promise.withResolvers<void>();
  gate.passes = read.promise;
  const viewer = join();
  await settled();
  await stage.bid('ann', 50);
  await stage.bid('ben', 60);
  read.resolve();
  await settled();
  advance(TICK_MS);
  expect(inShort(viewer.frames())).toBe('snapshot0 1 2');
});

test('a snapshot that is ahead of the bus is not followed by events that it includes', async () => {
  const { stage, joined, advance } = await openTestHub();
  const early = await joined();
  await stage.decide('ann', 50);
  const late = await joined();
  await stage.relay();
  advance(TICK_MS);
  await stage.bid('ben', 60);
  expect(inShort(early.frames())).toBe('snapshot0 1 2');
  expect(inShort(late.frames())).toBe('snapshot1 2');
});

test('an event in the middle of a tick waits for its end, with the others', async () => {
  const { stage, joined, advance } = await openTestHub();
  const viewer = await joined();
  await stage.bid('ann', 50);
  await stage.bid('ben', 60);
  await stage.bid('ann', 70);
  expect(inShort(viewer.frames())).toBe('snapshot0 1');
  advance(TICK_MS - 1);
  expect(inShort(viewer.frames())).toBe('');
  advance(1);
  expect(inShort(viewer.frames())).toBe('[2 3]');
});

test('a batch goes out as one frame, at once when the room is idle', async () => {
  const { joined, burst } = await openTestHub();
  const viewer = await joined();
  await burst(50, 5);
  expect(inShort(viewer.frames())).toBe('snapshot0 [1 2 3 4 5]');
});

test('a viewer of the latest gets only the newest event of a tick', async () => {
  const { joined, burst } = await openTestHub();
  const viewer = await joined({ mode: 'latest' });
  await burst(50, 5);
  expect(inShort(viewer.frames())).toBe('snapshot0 5');
});

test('a frame is written once for all viewers that are up to date', async () => {
  const { joined, burst } = await openTestHub();
  const viewers = [await joined(), await joined()];
  await burst(50, 3);
  const [first, second] = viewers.map(({ texts }) => texts.at(-1));
  expect(first).toBe(second ?? '');
});

test('a viewer that joins in the middle of a tick gets the rest of it', async () => {
  const { stage, joined, advance } = await openTestHub();
  const early = await joined();
  await stage.bid('ann', 50);
  await stage.bid('ben', 60);
  const late = await joined();
  await stage.bid('ann', 70);
  advance(TICK_MS);
  expect(inShort(early.frames())).toBe('snapshot0 1 [2 3]');
  expect(inShort(late.frames())).toBe('snapshot2 3');
});

test('more events than a frame holds go out before the tick, and none is left out', async () => {
  const { joined, burst, advance } = await openTestHub({ limit: { frameEvents: 4 } });
  const viewer = await joined();
  await burst(50, 7);
  expect(inShort(viewer.frames())).toBe('snapshot0 [1 2 3 4]');
  advance(TICK_MS);
  expect(inShort(viewer.frames())).toBe('[5 6 7]');
});

test('a resumed viewer gets the events it missed from memory', async () => {
  const { joined, burst } = await openTestHub();
  await joined();
  await burst(50, 5);
  const viewer = await joined({ resume: { since: 2, epoch: 'epoch1' } });
  expect(inShort(viewer.frames())).toBe('resumed[3 4 5]');
});

test('a resumed viewer gets the events it missed from the archive', async () => {
  const { joined, burst, stage, advance } = await openTestHub();
  await burst(50, 5);
  await joined();
  await stage.bid('ben', 100);
  advance(TICK_MS);
  const viewer = await joined({ resume: { since: 2, epoch: 'epoch1' } });
  expect(inShort(viewer.frames())).toBe('resumed[3 4 5 6]');
});

test('a resumed viewer gets older events from the archive, up to a bound', async () => {
  const limit = { roomEvents: 2, resumeEvents: 4 };
  const { joined, burst, advance } = await openTestHub({ limit });
  await joined();
  await burst(50, 8);
  advance(TICK_MS);
  const near = await joined({ resume: { since: 2, epoch: 'epoch1' } });
  const far = await joined({ resume: { since: 1, epoch: 'epoch1' } });
  expect(inShort(near.frames())).toBe('resumed[3 4 5 6 7 8]');
  expect(inShort(far.frames())).toBe('lost-snapshot8');
});

test('a viewer that missed nothing gets an empty resume', async () => {
  const { joined, burst } = await openTestHub();
  await burst(50, 5);
  const viewer = await joined({ resume: { since: 5, epoch: 'epoch1' } });
  expect(inShort(viewer.frames())).toBe('resumed[]');
});

test('a viewer that is ahead of the bus resumes without the events it has seen', async () => {
  const { joined, stage } = await openTestHub();
  await joined();
  await stage.decide('ann', 50);
  const viewer = await joined({ resume: { since: 1, epoch: 'epoch1' } });
  await stage.relay();
  expect(inShort(viewer.frames())).toBe('resumed[]');
});

test('after a lost history viewers get a snapshot', async () => {
  const { joined, stage, burst } = await openTestHub();
  await stage.decide('ann', 50);
  stage.lose();
  await burst(60, 3);
  const late = await joined({ resume: { since: 0, epoch: 'epoch1' } });
  const other = await joined({ resume: { since: 4, epoch: 'epoch0' } });
  const beyond = await joined({ resume: { since: 99, epoch: 'epoch1' } });
  expect(inShort(late.frames())).toBe('lost-snapshot4');
  expect(inShort(other.frames())).toBe('lost-snapshot4');
  expect(inShort(beyond.frames())).toBe('lost-snapshot4');
});

test('an event that is delivered twice is shown once', async () => {
  const { joined, stage, advance } = await openTestHub();
  const viewer = await joined();
  await stage.bid('ann', 50);
  await stage.bus.publish(stage.events);
  await stage.bid('ben', 60);
  await stage.bus.publish(stage.events);
  advance(TICK_MS);
  expect(inShort(viewer.frames())).toBe('snapshot0 1 2');
});

test('a gap in the feed is filled from the archive', async () => {
  const { joined, stage, advance } = await openTestHub();
  const viewer = await joined();
  await stage.decide('ann', 50);
  await stage.decide('ben', 60);
  await stage.archiveOnly();
  await stage.bid('ann', 70);
  await stage.bid('ben', 80);
  await settled();
  advance(TICK_MS);
  expect(inShort(viewer.frames())).toBe('snapshot0 1 [2 3 4]');
});

test('after a gap that cannot be filled viewers get a snapshot', async () => {
  const { joined, stage, advance } = await openTestHub();
  const viewer = await joined();
  await stage.decide('ann', 50);
  stage.lose();
  await stage.bid('ben', 60);
  await settled();
  advance(TICK_MS);
  await stage.bid('ann', 70);
  expect(inShort(viewer.frames())).toBe('snapshot0 lost-snapshot2 3');
});

test('closing a gap is retried when it fails', async () => {
  const { joined, stage, gate, advance, faults } = await openTestHub();
  const viewer = await joined();
  await stage.decide('ann', 50);
  stage.lose();
  gate.passes = Promise.reject(new Error('the book is away'));
  await stage.bid('ben', 60);
  await settled();
  expect(faults).toHaveLength(1);
  gate.passes = Promise.resolve();
  advance(1_000);
  await settled();
  expect(inShort(viewer.frames())).toBe('snapshot0 lost-snapshot2');
});

test('bidders are masked when the item says so, and no secret is shown', async () => {
  const policy = { maskBidders: true, reserveMicros: definitionOf().policy.startMicros };
  const definition = { ...definitionOf(policy), maskSecret: 'hush' };
  const { joined, stage, advance } = await openTestHub({ definition });
  await stage.bid('ann', 50);
  const viewer = await joined();
  advance(TICK_MS);
  await stage.bid('benjamin', 60);
  advance(TICK_MS);
  await stage.close();
  const [snapshot, bid, close] = viewer.frames();
  const benjamin = aliasOf('hush', 'benjamin');
  expect(snapshot?.['item']).toMatchObject({ highest_bidder_id: aliasOf('hush', 'ann') });
  expect(bid).toMatchObject({ user_id: benjamin });
  expect(close).toMatchObject({
    type: 'close',
    seq: 3,
    outcome: 'sold',
    winner_id: benjamin,
    current_bid: 60,
  });
  expect(viewer.texts.join()).not.toMatch(/benjamin|hush|max|reserve_m(?!et)|"reserve"/i);
});

describe('a bidder who watches an item that masks its bidders', () => {
  const definition = { ...definitionOf({ maskBidders: true }), maskSecret: 'hush' };
  const ben = { userId: 'ben', seesAll: false };
  const alias = (userId: string) => aliasOf('hush', userId);

  async function watched() {
    const opened = await openTestHub({ definition });
    await opened.stage.bid('ben', 50);
    return opened;
  }

  test('sees itself in the first frame, and the admin sees all', async () => {
    const { joined } = await watched();
    const leaders = [];
    for (const looker of [PUBLIC, ben, ADMIN]) {
      const [snapshot] = (await joined({ looker })).frames();
      leaders.push(Object(snapshot?.['item']).highest_bidder_id);
    }
    expect(leaders).toEqual([alias('ben'), 'ben', 'ben']);
  });

  test('sees itself in later frames, of one event or several, all or the latest', async () => {
    const { joined, burst, stage, advance } = await watched();
    const [all, own, admin] = [
      await joined(),
      await joined({ looker: ben }),
      await joined({ looker: ADMIN }),
    ];
    const latest = await joined({ looker: ben, mode: 'latest' });
    advance(TICK_MS);
    await burst(60, 2);
    advance(TICK_MS);
    await stage.bid('ben', 90);
    const users = ({ texts }: { texts: readonly string[] }) =>
      texts.slice(1).flatMap((text) => text.match(/(?<="user_id":")[^"]*/g) ?? []);
    expect(users(all)).toEqual([alias('ann'), alias('ben'), alias('ben')]);
    expect(users(own)).toEqual([alias('ann'), 'ben', 'ben']);
    expect(users(admin)).toEqual(['ann', 'ben', 'ben']);
    expect(users(latest)).toEqual(['ben', 'ben']);
  });

  test('sees itself in the events it missed', async () => {
    const { joined } = await watched();
    await joined();
    const resume = { since: 0, epoch: 'epoch1' };
    const own = await joined({ looker: ben, resume });
    expect(own.texts.join()).toContain('"user_id":"ben"');
    const other = await joined({ resume });
    expect(other.texts.join()).not.toContain('"ben"');
  });
});
