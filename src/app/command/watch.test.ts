import { expect, test } from 'bun:test';
import { startLiveServer } from '../../../test/support/live-server.ts';
import { createLiveStage } from '../../../test/support/live-stage.ts';
import { systemClock } from '../../core/clock.ts';
import { watch } from './watch.ts';

function watchOnce(url: string, itemId = 'L1', firstFrameMs = 10_000): Promise<object[]> {
  const frames: object[] = [];
  const onFrame = (frame: object) => frames.push(frame);
  return watch({ url, itemId, events: 0, firstFrameMs, onFrame }).then(() => frames);
}

test('shows the snapshot of an item, over http and ws alike', async () => {
  const stage = createLiveStage(systemClock);
  await stage.open();
  await using server = await startLiveServer({ stage });
  for (const url of [server.url, server.url.replace('http', 'ws')]) {
    expect(await watchOnce(url)).toMatchObject([{ type: 'snapshot', seq: 0 }]);
  }
});

test('ends with the words of a server that refuses', async () => {
  await using server = await startLiveServer();
  await expect(watchOnce(server.url, 'nowhere')).rejects.toThrow(
    `cannot watch nowhere at ${server.url}: the server answers 404: No such item.`,
  );
  await expect(watchOnce(server.url, 'a b')).rejects.toThrow('the server answers 400: item_id: ');
});

test.each([
  ['a page', () => new Response('<h1>', { status: 200 }), 'answers 200'],
  ['a redirect', () => Response.redirect('http://127.0.0.1:1/'), 'answers 302'],
  ['a failed gateway', () => new Response('', { status: 502 }), 'answers 502'],
])('ends when %s is there in its place', async (_name, answer, words) => {
  using other = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: answer });
  await expect(watchOnce(other.url.origin)).rejects.toThrow(words);
});

test('ends when a server takes the connection and shows nothing', async () => {
  using silent = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('no')),
    websocket: { message: () => {} },
  });
  await expect(watchOnce(silent.url.origin, 'L1', 50)).rejects.toThrow('no frame came within');
});

test.each(['localhost:8080', 'ftp://localhost', 'nonsense', ''])(
  'refuses %p as an address',
  async (url) => {
    await expect(watchOnce(url)).rejects.toThrow(`--url "${url}": expected http://host:port`);
  },
);

test('asks no more after it has ended', async () => {
  let asked = 0;
  using other = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => {
      asked += 1;
      return new Response('', { status: 503 });
    },
  });
  await expect(watchOnce(other.url.origin)).rejects.toThrow('answers 503');
  const askedUntilThen = asked;
  // Longer than the longest pause before a fourth try.
  await Bun.sleep(1_100);
  expect(asked).toBe(askedUntilThen);
});
