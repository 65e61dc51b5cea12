import { expect, test } from 'bun:test';
import { itemOf } from '../../../test/support/live-item.ts';
import { itemView, PUBLIC, UNMASKED } from '../../live/rule/view.ts';
import { createPageAccess } from '../http/origin.ts';
import type { Call } from '../http/route.ts';
import { socketRoute } from './socket-route.ts';
import type { Connection } from './sockets.ts';

const SHOWN = { view: itemView(itemOf(), 0, UNMASKED), lens: UNMASKED };

test('a handshake that meets a drain while its item is read is refused', async () => {
  let isDraining = false;
  const admitted: string[] = [];
  const route = socketRoute({
    sockets: {
      isDraining: () => isDraining,
      admit(_watch, address): Connection | null {
        admitted.push(address);
        return null;
      },
      dismiss() {},
    },
    live: {
      async readItem() {
        isDraining = true;
        return SHOWN;
      },
    },
    lookerOf: () => PUBLIC,
    forwarded: (peer) => peer,
    pages: createPageAccess([]),
  });
  const request = new Request('http://gavel.test/ws?item_id=L1', {
    headers: { upgrade: 'websocket' },
  });
  const call = { request, peerAddress: () => '127.0.0.1', upgrade: () => true };
  const refused = await Promise.resolve(route.handle(call as unknown as Call)).catch(
    (error) => error,
  );
  expect(refused).toMatchObject({ status: 503, code: 'draining' });
  expect(admitted).toEqual([]);
});
