/** A server that is never there: how often it is tried, and how often that is reported. */
import { expect, test } from 'bun:test';
import { createServer } from 'node:net';
import { until } from '../../../../deploy/local/until.ts';
import { createManualTime } from '../../../../test/support/manual-timers.ts';
import { openNats } from './connection.ts';

/** Takes connections and closes them without a word. */
async function openRefusingServer() {
  let tries = 0;
  const server = createServer((socket) => {
    tries += 1;
    socket.on('error', () => undefined);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it has no port');
  return {
    url: `nats://127.0.0.1:${address.port}`,
    tries: () => tries,
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
}

test('a server that cannot be had is tried with growing pauses, and reported once', async () => {
  await using server = await openRefusingServer();
  const { clock, timers, advance } = createManualTime();
  const pausesMs: number[] = [];
  const noting = {
    after(ms: number, run: () => void) {
      pausesMs.push(ms);
      return timers.after(ms, run);
    },
  };
  const errors: unknown[] = [];
  const place = { urls: [server.url], name: 'test' };
  const onError = (error: unknown) => errors.push(error);
  await using nats = openNats(place, { clock, timers: noting, onError });
  for (let tries = 1; tries <= 5; tries++) {
    await until('it has paused once more', async () => pausesMs.length === tries);
    advance(250);
  }
  expect(pausesMs).toEqual([50, 100, 200, 250, 250]);
  expect(server.tries()).toBeGreaterThanOrEqual(5);
  expect(errors).toHaveLength(1);
  expect(nats.isUp()).toBe(false);
});
