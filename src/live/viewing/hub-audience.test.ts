import { expect, test } from 'bun:test';
import { inShort } from '../../../test/support/abstract-viewer.ts';
import { definitionOf } from '../../../test/support/live-item.ts';
import { openTestHub, settled, TICK_MS } from '../../../test/support/test-hub.ts';
import { VIEWING_LIMIT } from './limit.ts';

const SECOND_MS = 1_000;

async function withSlowViewer(mode: 'all' | 'latest' = 'all') {
  const opened = await openTestHub();
  const viewer = await opened.joined({ mode });
  await opened.stage.bid('ann', 50);
  viewer.answer = 'queued';
  viewer.buffered = VIEWING_LIMIT.viewerBufferedBytes + 1;
  opened.advance(TICK_MS);
  await opened.stage.bid('ben', 60);
  viewer.frames();
  return { ...opened, viewer };
}

test('a slow viewer is skipped, and its next frame says so', async () => {
  const { viewer, stage, advance } = await withSlowViewer();
  for (const [index, userId] of ['ann', 'ben', 'ann'].entries()) {
    advance(TICK_MS);
    await stage.bid(userId, 70 + index * 10);
  }
  expect(viewer.frames()).toEqual([]);
  viewer.buffered = 0;
  viewer.answer = 'sent';
  viewer.viewing.drained();
  expect(inShort(viewer.frames())).toBe('lost[5]');
  advance(TICK_MS);
  await stage.bid('ben', 100);
  expect(inShort(viewer.frames())).toBe('6');
});

test('a slow viewer of the latest gets the newest event', async () => {
  const { viewer, stage, advance } = await withSlowViewer('latest');
  advance(TICK_MS);
  await stage.bid('ann', 70);
  viewer.buffered = 0;
  viewer.viewing.drained();
  expect(inShort(viewer.frames())).toBe('3');
});

test('a dropped frame is made up for', async () => {
  const { stage, joined, advance } = await openTestHub();
  const viewer = await joined();
  viewer.answer = 'dropped';
  await stage.bid('ann', 50);
  viewer.answer = 'sent';
  advance(TICK_MS);
  await stage.bid('ben', 60);
  expect(inShort(viewer.frames())).toBe('snapshot0 lost[2]');
});

test('a slow viewer gets the close event too', async () => {
  const { viewer, stage, advance } = await withSlowViewer();
  advance(TICK_MS);
  await stage.close();
  viewer.buffered = 0;
  viewer.viewing.drained();
  const [frame] = viewer.frames();
  expect(frame).toMatchObject({ recovered: false, events: [{ type: 'close', outcome: 'sold' }] });
});

test('a viewer that is stuck for ten seconds is closed with 4008, whatever comes meanwhile', async () => {
  const { viewer, stage, hub, advance } = await withSlowViewer();
  advance(SECOND_MS - TICK_MS);
  await stage.bid('ann', 70);
  for (let second = 1; second < VIEWING_LIMIT.viewerStuckMs / SECOND_MS; second++) {
    advance(SECOND_MS);
    await stage.bid(second % 2 === 0 ? 'ann' : 'ben', 70 + second * 10);
  }
  expect(viewer.closedWith).toBeNull();
  advance(SECOND_MS);
  expect(viewer.closedWith).toBe(4008);
  viewer.viewing.left();
  expect(hub.counts()).toEqual({ rooms: 0, viewers: 0 });
});

test('a viewer is closed in the second in which it has been stuck for long enough', async () => {
  const { joined, stage, advance } = await openTestHub({ limit: { viewerStuckMs: SECOND_MS } });
  const viewer = await joined();
  advance(SECOND_MS);
  viewer.answer = 'dropped';
  await stage.bid('ann', 50);
  advance(SECOND_MS - 1);
  expect(viewer.closedWith).toBeNull();
  advance(1);
  expect(viewer.closedWith).toBe(4008);
});

test('a viewer is not skipped before its buffer is over the bound', async () => {
  const { joined, stage, advance } = await openTestHub({ limit: { viewerBufferedBytes: 100 } });
  const viewer = await joined();
  viewer.answer = 'queued';
  await stage.bid('ann', 50);
  viewer.buffered = 100;
  advance(TICK_MS);
  await stage.bid('ben', 60);
  viewer.buffered = 101;
  advance(TICK_MS);
  await stage.bid('ann', 70);
  expect(inShort(viewer.frames())).toBe('snapshot0 1 2');
});

test('a slow viewer does not hold up the others', async () => {
  const { stage, joined, advance } = await withSlowViewer();
  const quick = await joined();
  advance(TICK_MS);
  await stage.bid('ann', 70);
  expect(inShort(quick.frames())).toBe('snapshot2 3');
});

test('the number of watchers is sent once per second, when it has changed', async () => {
  const { joined, advance } = await openTestHub();
  const first = await joined();
  await joined();
  await joined();
  expect(first.watcherFrames()).toEqual([]);
  advance(SECOND_MS);
  expect(first.watcherFrames()).toEqual([expect.objectContaining({ watchers: 3 })]);
  advance(SECOND_MS);
  expect(first.watcherFrames()).toEqual([]);
});

test('the number of watchers is not sent to viewers that are behind', async () => {
  const { gate, join, joined, advance, stage } = await openTestHub();
  const slow = await joined();
  slow.answer = 'queued';
  await stage.bid('ann', 50);
  const read = Promise.withResolvers<void>();
  gate.passes = read.promise;
  const early = join();
  await settled();
  advance(SECOND_MS);
  expect([slow.watcherFrames(), early.watcherFrames()]).toEqual([[], []]);
});

test('a viewer that leaves twice does not end a room that others have joined since', async () => {
  const { hub, stage, joined } = await openTestHub();
  const first = await joined();
  first.viewing.left();
  const second = await joined();
  first.viewing.left();
  expect(hub.counts()).toEqual({ rooms: 1, viewers: 1 });
  await stage.bid('ann', 50);
  expect(inShort(second.frames())).toBe('snapshot0 1');
});

test('a room that all viewers have left is dropped, and starts afresh', async () => {
  const { stage, hub, joined } = await openTestHub();
  const viewer = await joined();
  expect(hub.counts()).toEqual({ rooms: 1, viewers: 1 });
  viewer.viewing.left();
  expect(hub.counts()).toEqual({ rooms: 0, viewers: 0 });
  await stage.bid('ann', 50);
  expect(inShort((await joined()).frames())).toBe('snapshot1');
});

test('an unknown item and a book that cannot be read close the viewer', async () => {
  const { hub, gate, joined, faults } = await openTestHub();
  expect((await joined({ itemId: 'L2' })).closedWith).toBe(4004);
  gate.passes = Promise.reject(new Error('the book is away'));
  expect((await joined()).closedWith).toBe(1013);
  expect(faults).toHaveLength(1);
  expect(hub.counts().rooms).toBe(0);
});

test('a room admits no more viewers than its bound, and another when one has left', async () => {
  const { hub, joined } = await openTestHub({ limit: { roomViewers: 2 } });
  const first = await joined();
  await joined();
  expect((await joined()).closedWith).toBe(1013);
  expect(hub.counts()).toEqual({ rooms: 1, viewers: 2 });
  first.viewing.left();
  expect((await joined()).closedWith).toBeNull();
});

test('no more items are watched at a time than the bound', async () => {
  const { hub, stage, joined } = await openTestHub({ limit: { rooms: 1 } });
  await stage.open({ ...definitionOf(), itemId: 'L2' });
  await joined();
  expect((await joined({ itemId: 'L2' })).closedWith).toBe(1013);
  expect((await joined()).closedWith).toBeNull();
  expect(hub.counts()).toEqual({ rooms: 1, viewers: 2 });
});

test('draining asks every viewer to come back, and closes all within its window', async () => {
  const { hub, joined, advance } = await openTestHub();
  const viewers = await Promise.all(Array.from({ length: 20 }, () => joined()));
  let isDrained = false;
  const drained = hub.drain(SECOND_MS).then(() => {
    isDrained = true;
  });
  for (const viewer of viewers) {
    const frame = viewer.frames().at(-1);
    expect(frame?.type).toBe('reconnect');
    expect(frame?.['after_ms']).toBeWithin(0, SECOND_MS + 1);
  }
  advance(SECOND_MS / 2);
  await settled();
  const closedEarly = viewers.filter(({ closedWith }) => closedWith === 1012).length;
  expect(closedEarly).toBeWithin(2, 18);
  expect(isDrained).toBe(false);
  advance(SECOND_MS / 2);
  await drained;
  expect(viewers.every(({ closedWith }) => closedWith === 1012)).toBe(true);
  expect((await joined()).closedWith).toBe(1012);
});

test('draining waits for nobody when nobody watches', async () => {
  const { hub } = await openTestHub();
  await hub.drain(SECOND_MS);
});

test('an event of an older history is ignored', async () => {
  const { stage, joined, advance } = await openTestHub();
  const viewer = await joined();
  await stage.bid('ann', 50);
  const [event] = stage.events;
  if (event === undefined) throw new Error('no event was made');
  await stage.bus.publish([{ ...event, epoch: 'epoch0', seq: 9 }]);
  await settled();
  advance(TICK_MS);
  await stage.bid('ben', 60);
  expect(inShort(viewer.frames())).toBe('snapshot0 1 2');
});
