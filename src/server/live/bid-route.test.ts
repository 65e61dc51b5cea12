import { expect, test } from 'bun:test';
import { itemOf, units } from '../../../test/support/live-item.ts';
import type { PlaceAnswer } from '../../live/port/item-book.ts';
import { judgedOf } from '../../live/rule/answer.ts';
import type { Call } from '../http/route.ts';
import { type BidRouteParts, bidRoute } from './bid-route.ts';
import { trustingIdentity } from './identity.ts';

/** The reply to a bid that is answered so. */
async function replyTo(answer: PlaceAnswer): Promise<Response | undefined> {
  const live: Partial<BidRouteParts['live']> = { placeBid: async () => answer };
  const route = bidRoute({
    live: live as BidRouteParts['live'],
    identity: trustingIdentity,
    userLimit: () => {},
  });
  const request = new Request('http://gavel.test/api/v1/items/L1/bid', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: 'ben', amount: 50 }),
  });
  const call = { request: Object.assign(request, { params: { id: 'L1' } }) };
  return await route.handle(call as unknown as Call);
}

test('a refusal says in a header whether the node made it by what it had seen', async () => {
  const item = { ...itemOf(), leaderId: 'ann', priceMicros: units(60) };
  const judged = judgedOf(item, { userId: 'ben', nowMs: 0 });
  const refused = { kind: 'refused', code: 'bid_too_low', ...judged } as const;
  const fromBook = await replyTo(refused);
  expect(fromBook?.status).toBe(409);
  expect(fromBook?.headers.get('gavel-cached')).toBeNull();
  const fromCache = await replyTo({ ...refused, cached: true });
  expect(fromCache?.status).toBe(409);
  expect(fromCache?.headers.get('gavel-cached')).toBe('true');
  expect(await fromCache?.json()).toEqual(await fromBook?.json());
});
