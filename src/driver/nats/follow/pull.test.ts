import { expect, test } from 'bun:test';
import { headers, type Msg } from '@nats-io/transport-node';
import { createManualTime } from '../../../../test/support/manual-timers.ts';
import type { NatsLine } from '../line/line.ts';
import { MESSAGES_HELD } from '../stream/setting.ts';
import { markOf, startPull } from './pull.ts';

const OVERDUE_MS = 7_000;

type Callback = (error: Error | null, message: Msg) => void;

/** A pull whose server sends what the test tells it to. */
function openPull() {
  const { timers, advance } = createManualTime();
  const { promise: broken, resolve: breakLine } = Promise.withResolvers<void>();
  let requests = 0;
  let callback: Callback = () => {};
  const client = {
    subscribe(_inbox: string, options: { callback: Callback }) {
      callback = options.callback;
      return { drain: async () => {}, unsubscribe: () => {} };
    },
    publish() {
      requests += 1;
    },
  };
  const line = { client, broken } as unknown as NatsLine;
  const place = { stream: 'S', durableName: 'one', ackWaitMs: 60_000 };
  const pull = startPull({ line, timers, ...place });
  const send = (message: Partial<Msg>) =>
    callback(null, { respond: () => true, ...message } as unknown as Msg);
  const status = (code: number, description: string) =>
    send({ headers: headers(code, description) });
  return { pull, send, status, advance, breakLine, requests: () => requests };
}

/** Whether a promise resolves without any further event. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  for (let turns = 0; turns < 10; turns++) await Promise.resolve();
  return done;
}

test('messages are taken in order, and more are requested when all have arrived', async () => {
  const { pull, send, requests } = openPull();
  const taking = pull.take();
  expect(requests()).toBe(1);
  for (let sid = 1; sid <= MESSAGES_HELD; sid++) send({ sid });
  const taken = await taking;
  expect(taken.map(({ sid }) => sid)).toEqual(taken.map((_, index) => index + 1));
  expect(taken).toHaveLength(MESSAGES_HELD);
  expect(await isDone(pull.take())).toBe(false);
  expect(requests()).toBe(2);
});

test.each([
  [404, 'No Messages'],
  [408, 'Request Timeout'],
])('a request that ends with %d is made again', async (code, description) => {
  const { pull, status, requests } = openPull();
  const taking = pull.take();
  status(code, description);
  expect(await isDone(taking)).toBe(false);
  expect(requests()).toBe(2);
  expect(pull.close()).toBeNull();
});

test('a refusal ends the pull, which reports the reason', async () => {
  const { pull, status } = openPull();
  const taking = pull.take();
  status(409, 'Consumer Deleted');
  expect(await taking).toEqual([]);
  expect(`${pull.close()}`).toContain('the pull was refused: 409 Consumer Deleted');
});

test('a heartbeat neither ends a request nor counts as a message', async () => {
  const { pull, status, requests } = openPull();
  const taking = pull.take();
  status(100, 'Idle Heartbeat');
  expect(await isDone(taking)).toBe(false);
  expect(requests()).toBe(1);
});

test('a server that is silent beyond the end of the request ends the pull', async () => {
  const { pull, advance } = openPull();
  const taking = pull.take();
  advance(OVERDUE_MS - 1);
  expect(await isDone(taking)).toBe(false);
  advance(1);
  expect(await taking).toEqual([]);
  expect(pull.close()?.name).toBe('NatsDownError');
});

test('an answered request is never overdue, however long its messages take', async () => {
  const { pull, send, status, advance } = openPull();
  const taking = pull.take();
  send({ sid: 1 });
  status(408, 'Request Timeout');
  expect(await taking).toHaveLength(1);
  advance(10 * OVERDUE_MS);
  expect(pull.close()).toBeNull();
});

test('a broken line ends the pull without an error, after the messages that arrived', async () => {
  const { pull, send, breakLine } = openPull();
  const taking = pull.take();
  send({ sid: 1 });
  breakLine();
  expect(await taking).toHaveLength(1);
  expect(await pull.take()).toEqual([]);
  expect(pull.close()).toBeNull();
});

test('a message is named by its sequence and time, in both forms of its ack subject', () => {
  const reply = '$JS.ACK.S.one.1.17.5.1600000000000000000.0';
  expect(markOf({ reply })).toBe('17@1600000000000000000');
  const later = '$JS.ACK.domain.hash.S.one.1.17.5.1600000000000000000.0.token';
  expect(markOf({ reply: later })).toBe('17@1600000000000000000');
  expect(() => markOf({ reply: '$JS.ACK.S' })).toThrow('ack subject');
});
