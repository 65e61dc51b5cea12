/** `GET /ws` (seed 004): the request that becomes a WebSocket, or an error in the one shape. */
import { Type } from '@sinclair/typebox';
import { isId } from '../../core/id.ts';
import type { Live, Watch } from '../../live/live.ts';
import { NotDecidedError } from '../../live/port/item-book.ts';
import { addressKey, type ForwardedReader } from '../http/client-address.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import type { PageAccess } from '../http/origin.ts';
import { type Call, integerQuery, queryOf, type Route } from '../http/route.ts';
import { Count, Id } from '../http/schema.ts';
import type { LookerReader } from './identity.ts';
import { ADMIN_LOOKS } from './item-path.ts';
import { SnapshotFrame } from './socket-frames.ts';
import type { Sockets } from './sockets.ts';

const MODES = ['all', 'latest'] as const;

export type SocketRouteParts = {
  readonly sockets: Pick<Sockets, 'admit' | 'dismiss' | 'isDraining'>;
  readonly live: Pick<Live, 'readItem'>;
  readonly lookerOf: LookerReader;
  readonly forwarded: ForwardedReader;
  readonly pages: PageAccess;
};

export function socketRoute(parts: SocketRouteParts): Route {
  return {
    method: 'GET',
    path: '/ws',
    tag: 'Live',
    summary: 'Watches an item: a WebSocket',
    description:
      'Answers 101 to a WebSocket handshake. The first frame is a snapshot or, with `since` and ' +
      '`epoch`, the missed events with `recovered: true`. Then come events of type bid, retract and ' +
      'close, several at a time as `{"type":"events","events":[...]}` under load, and watchers. ' +
      'Where events are left out the frame says `recovered: false`. `reconnect` announces a ' +
      'restart. The text `ping` is answered with `pong`. With a token in `Authorization` your own id ' +
      'is not masked, with `X-Admin-Key` none is.',
    parameters: PARAMETERS,
    success: { description: 'The first frame, after the 101.', schema: SnapshotFrame },
    refusals: {
      400: ['invalid_request'],
      401: ['unauthorized'],
      403: ['forbidden'],
      404: ['item_not_found'],
      426: ['upgrade_required'],
      429: ['too_many_connections'],
      503: ['draining', 'not_decided'],
    },
    handle: (call) => connect(call, parts),
  };
}

const PARAMETERS: NonNullable<Route['parameters']> = [
  {
    in: 'query',
    name: 'item_id',
    description: 'the item to watch',
    schema: { ...Id, examples: ['lamp'] },
    isRequired: true,
  },
  { in: 'query', name: 'since', description: 'the last seq that was seen', schema: Count },
  { in: 'query', name: 'epoch', description: 'the epoch that `since` counts in', schema: Id },
  {
    in: 'query',
    name: 'mode',
    description: 'latest leaves out all but the newest event of a tick',
    schema: Type.Union(MODES.map((mode) => Type.Literal(mode))),
  },
  ADMIN_LOOKS,
];

async function connect(call: Call, parts: SocketRouteParts): Promise<undefined> {
  const { sockets, live, lookerOf, pages, forwarded } = parts;
  const { headers } = call.request;
  if (sockets.isDraining()) throw draining();
  if (!pages.allows(headers)) {
    throw new HttpError(403, 'forbidden', { message: 'Pages of this origin may not connect.' });
  }
  const wish = readWatch(queryOf(call.request));
  // Before the item is read: reading may open it, and a plain GET is no viewer.
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket') throw upgradeRequired();
  const peer = call.peerAddress();
  const address = addressKey(forwarded(peer, headers)) ?? peer;
  const watch = { ...wish, looker: await lookerOf(call.request) };
  await checkItem(watch.itemId, live);
  // Asked again: draining may have begun while the item was read.
  if (sockets.isDraining()) throw draining();
  upgrade(call, { sockets, watch, address });
}

function upgrade(
  call: Call,
  {
    sockets,
    watch,
    address,
  }: Pick<SocketRouteParts, 'sockets'> & { watch: Watch; address: string },
): void {
  const connection = sockets.admit(watch, address);
  if (connection === null) {
    const message = 'This address has too many connections; close one first.';
    throw new HttpError(429, 'too_many_connections', { message });
  }
  if (call.upgrade(connection)) return;
  sockets.dismiss(connection);
  throw upgradeRequired();
}

function upgradeRequired(): HttpError {
  const message = 'This route takes WebSocket handshakes.';
  return new HttpError(426, 'upgrade_required', { message, headers: { upgrade: 'websocket' } });
}

function draining(): HttpError {
  return new HttpError(503, 'draining', { message: 'The node is stopping; try again.' });
}

async function checkItem(itemId: string, live: Pick<Live, 'readItem'>): Promise<void> {
  const shown = await live.readItem(itemId).catch((error: unknown) => {
    if (!(error instanceof NotDecidedError)) throw error;
    const message = 'The item cannot be read at present; try again.';
    throw new HttpError(503, 'not_decided', { message });
  });
  if (shown === null) throw new HttpError(404, 'item_not_found', { message: 'No such item.' });
}

function readWatch(query: URLSearchParams): Omit<Watch, 'looker'> {
  const itemId = query.get('item_id') ?? '';
  if (!isId(itemId)) throw invalid(`item_id: expected ${Id.description}.`);
  const mode = MODES.find((name) => name === (query.get('mode') ?? 'all'));
  if (mode === undefined) throw invalid(`mode: expected one of ${MODES.join(', ')}.`);
  return { itemId, mode, resume: readResume(query) };
}

function readResume(query: URLSearchParams): Watch['resume'] {
  const epoch = query.get('epoch');
  if (query.get('since') === null || epoch === null) return null;
  if (!isId(epoch)) throw invalid(`epoch: expected ${Id.description}.`);
  const high = Number.MAX_SAFE_INTEGER;
  return { epoch, since: integerQuery(query, 'since', { low: 0, high, fallback: 0 }) };
}
