import { expect, test } from 'bun:test';
import { openNginx } from './nginx.ts';

const BID = '/api/v1/items/watch/bid';

/** A node that echoes its requests, and sends its name over WebSocket. */
function openNode(name: string) {
  const posts: string[] = [];
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request, self) {
      if (self.upgrade(request)) return undefined;
      if (request.method === 'POST') posts.push(await request.text());
      const headers = request.headers;
      return Response.json({ name, forwarded: headers.get('x-forwarded-for') });
    },
    websocket: { open: (socket) => void socket.send(name), message() {} },
  });
  const address = `127.0.0.1:${server.port}`;
  return { address, posts, server, [Symbol.asyncDispose]: () => server.stop(true) };
}

test('requests go to the api nodes, sockets and the second port to the broadcast nodes', async () => {
  await using api = openNode('api');
  await using broadcast = openNode('broadcast');
  await using nginx = await openNginx({ api: [api.address], broadcast: [broadcast.address] });
  const headers = { 'X-Forwarded-For': '203.0.113.9' };
  const told = await (await fetch(`${nginx.url}/stat`, { headers })).json();
  expect(told).toEqual({ name: 'api', forwarded: '127.0.0.1' });
  expect(await (await fetch(`${nginx.broadcastUrl}/health`)).json()).toMatchObject({
    name: 'broadcast',
  });
  const socket = new WebSocket(`${nginx.url.replace('http', 'ws')}/ws?item_id=a`);
  const { promise, resolve } = Promise.withResolvers<unknown>();
  socket.onmessage = ({ data }) => resolve(data);
  expect(await promise).toBe('broadcast');
  socket.close();
});

test('a dead node is skipped, also for a POST, which is sent once', async () => {
  await using gone = openNode('gone');
  await using there = openNode('there');
  await using nginx = await openNginx({
    api: [gone.address, there.address],
    broadcast: [there.address],
  });
  await gone.server.stop(true);
  for (const body of ['1', '2', '3', '4']) {
    const answer = await fetch(`${nginx.url}${BID}`, { method: 'POST', body });
    expect(await answer.json()).toMatchObject({ name: 'there' });
  }
  expect(there.posts).toEqual(['1', '2', '3', '4']);
});

test('auctions and statistics of one address go to one node, its bids on items to all', async () => {
  await using first = openNode('first');
  await using second = openNode('second');
  const api = [first.address, second.address];
  await using nginx = await openNginx({ api, broadcast: api });
  const namesAt = async (paths: readonly string[]) => {
    const answers = paths.map(async (path) => (await fetch(`${nginx.url}${path}`)).json());
    return new Set((await Promise.all(answers)).map((answer) => (answer as { name: string }).name));
  };
  const exchange = ['/bid', '/stat?supply_id=1', '/api/v1/bid', '/api/v1/stat', '/bid', '/stat'];
  expect((await namesAt(exchange)).size).toBe(1);
  expect((await namesAt(Array.from({ length: 8 }, () => BID))).size).toBe(2);
});

test('a POST that a node received but did not answer is not repeated on another', async () => {
  const taken: string[] = [];
  const breaks = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data(socket) {
        taken.push('taken');
        socket.end();
      },
    },
  });
  const address = `127.0.0.1:${breaks.port}`;
  await using other = openNode('other');
  await using nginx = await openNginx({ api: [address, other.address], broadcast: [address] });
  const answers = [];
  for (const body of ['1', '2']) {
    const answer = await fetch(`${nginx.url}${BID}`, { method: 'POST', body });
    answers.push(answer.status);
    if (answer.status === 502) expect(await answer.json()).toMatchObject({ error: 'no_answer' });
  }
  expect([answers.filter((status) => status === 502).length, taken.length]).toEqual([1, 1]);
  expect(other.posts).toHaveLength(1);
  breaks.stop(true);
});
