import { expect, test } from 'bun:test';
import type { EventFrame, SnapshotFrame } from '../../src/client/frame.ts';
import { type WatchState, watchItem } from '../../src/client/watch-item.ts';
import { systemClock } from '../../src/core/clock.ts';
import { startLiveServer } from '../support/live-server.ts';
import { createLiveStage } from '../support/live-stage.ts';

/** Watches, and keeps what comes: `s` for a snapshot, `!` for a gap. */
function follow(url: string) {
  const seen: string[] = [];
  const states: WatchState[] = [];
  const waiting = new Set<() => void>();
  const keep = (list: string[], entry: string) => {
    list.push(entry);
    for (const look of waiting) look();
  };
  const note = ({ seq }: EventFrame | SnapshotFrame, isGap: boolean) => `${seq}${isGap ? '!' : ''}`;
  const watch = watchItem({
    url: url.replace('http', 'ws'),
    itemId: 'L1',
    onEvent: (event, isGap) => keep(seen, note(event, isGap)),
    onSnapshot: (snapshot, isGap) => keep(seen, `s${note(snapshot, isGap)}`),
    onState: (state) => keep(states, state),
  });
  function until(passes: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!passes()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  }
  return {
    watch,
    states,
    /** What was seen since the start, once it ends with `last`. */
    async seenUpTo(last: string): Promise<string> {
      await until(() => seen.at(-1) === last);
      return seen.join(' ');
    },
    untilState: (state: WatchState) => until(() => states.at(-1) === state),
    [Symbol.dispose]: () => watch.close(),
  };
}

async function start() {
  const stage = createLiveStage(systemClock);
  await stage.open();
  return { stage, server: await startLiveServer({ stage }) };
}

test('a client sees the item and each event once', async () => {
  const { stage, server } = await start();
  await using _server = server;
  using follower = follow(server.url);
  await follower.seenUpTo('s0');
  await stage.bid('ann', 50);
  await stage.bid('ben', 60);
  await stage.bus.publish(stage.events);
  expect(await follower.seenUpTo('2')).toBe('s0 1 2');
  expect(follower.watch.stalenessMs()).toBeWithin(0, 1_000);
});

test('a client goes on without a gap when the server comes back', async () => {
  const { stage, server } = await start();
  using follower = follow(server.url);
  await follower.seenUpTo('s0');
  await stage.bid('ann', 50);
  await follower.seenUpTo('1');
  await server.stop();
  await server[Symbol.asyncDispose]();
  await follower.untilState('waiting');
  await stage.bid('ben', 60);
  await stage.bid('ann', 70);
  await using _next = await startLiveServer({ stage, port: server.port });
  await follower.seenUpTo('3');
  await stage.bid('ben', 80);
  expect(await follower.seenUpTo('4')).toBe('s0 1 2 3 4');
});

test('a client is told of a gap when the history is gone', async () => {
  const { stage, server } = await start();
  using follower = follow(server.url);
  await follower.seenUpTo('s0');
  await server[Symbol.asyncDispose]();
  await follower.untilState('waiting');
  await stage.decide('ann', 50);
  stage.lose();
  await using _next = await startLiveServer({ stage, port: server.port });
  expect(await follower.seenUpTo('s1!')).toBe('s0 s1!');
});

test('a closed watch ends its connection and does not come back', async () => {
  const { stage, server } = await start();
  await using _server = server;
  using follower = follow(server.url);
  await follower.seenUpTo('s0');
  follower.watch.close();
  await stage.bid('ann', 50);
  using other = follow(server.url);
  await other.seenUpTo('s1');
  expect(follower.states).toEqual(['connecting', 'open', 'closed']);
  expect(await follower.seenUpTo('s0')).toBe('s0');
});
