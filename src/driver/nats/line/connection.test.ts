/** A server that is down: how often the connection tries it, and how often it reports that. */
import { expect, test } from 'bun:test';
import { connect, createServer } from 'node:net';
import { until } from '../../../../deploy/local/until.ts';
import { createManualTime } from '../../../../test/support/manual-timers.ts';
import { sharedNats } from '../../../../test/support/servers.ts';
import { openNats } from './connection.ts';

/** Closes connections at once, until it passes them on to NATS. */
async function openDoor() {
  const { host, port } = await sharedNats();
  let isOpen = false;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (!isOpen) {
      socket.destroy();
      return;
    }
    const far = connect({ host, port });
    far.on('error', () => undefined);
    socket.on('close', () => far.destroy());
    far.on('close', () => socket.destroy());
    socket.pipe(far).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a door without a port');
  return {
    url: `nats://${host}:${address.port}`,
    open: () => {
      isOpen = true;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
}

/** A connection through a door, and the pauses between its tries. */
function openThrough(url: string) {
  const { clock, timers, advance } = createManualTime();
  const pausesMs: number[] = [];
  const errors: unknown[] = [];
  const noting = {
    after(ms: number, run: () => void) {
      pausesMs.push(ms);
      return timers.after(ms, run);
    },
  };
  const onError = (error: unknown) => errors.push(error);
  const nats = openNats({ urls: [url], name: 'test' }, { clock, timers: noting, onError });
  async function pause(times: number): Promise<void> {
    for (let count = 0; count < times; count++) {
      const before = pausesMs.length;
      advance(250);
      await until('it has tried in vain', async () => pausesMs.length > before);
    }
  }
  return { nats, pausesMs, errors, pause, advance };
}

test('an unreachable server is tried after growing pauses, and reported once', async () => {
  await using door = await openDoor();
  const { nats, pausesMs, errors, pause } = openThrough(door.url);
  await pause(5);
  expect(pausesMs).toEqual([50, 100, 200, 250, 250]);
  expect(errors).toHaveLength(1);
  expect(nats.isUp()).toBe(false);
  await nats[Symbol.asyncDispose]();
});

test('after a connection the pauses are short again, and a new line is made', async () => {
  await using door = await openDoor();
  const { nats, pausesMs, errors, pause, advance } = openThrough(door.url);
  await pause(3);
  door.open();
  advance(250);
  const line = await nats.whenUp();
  expect(errors).toHaveLength(1);
  await line?.client.close();
  await until('it has ended', async () => pausesMs.length === 4);
  expect(pausesMs).toEqual([50, 100, 200, 50]);
  expect(nats.isUp()).toBe(false);
  advance(250);
  expect(await nats.whenUp()).not.toBe(line);
  await nats[Symbol.asyncDispose]();
});
