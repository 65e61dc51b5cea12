/** The contract of an item book, second half: keys, the end, retractions and what is kept. */
import { expect } from 'bun:test';
import {
  accepted,
  acceptedIn,
  DUE,
  FORCED,
  type Scene,
} from '../../../test/support/item-book-bench.ts';
import { bidOf, definitionOf, units } from '../../../test/support/live-item.ts';
import { IDEMPOTENCY_KEPT_MS, IDEMPOTENCY_KEYS, NotDecidedError } from './item-book.ts';

export function idempotencyScenes(scene: Scene): void {
  scene('the same key gives the same answer, and one event', async (bench) => {
    await bench.openItem();
    const wish = { userId: 'ann', amount: 60, key: 'k1' };
    const first = await bench.bid(wish);
    await bench.bid({ userId: 'ben', amount: 70 });
    bench.clock.advance(IDEMPOTENCY_KEPT_MS - 1);
    expect(await bench.bid(wish)).toEqual(first);
    expect(await bench.outboxAll()).toHaveLength(2);
  });

  scene('overlapping calls with the same key are one bid', async ({ openItem, bid, outboxAll }) => {
    await openItem();
    const wish = { userId: 'ann', amount: 60, key: 'k1' };
    const answers = await Promise.all(Array.from({ length: 50 }, () => bid(wish)));
    expect(acceptedIn(answers)).toHaveLength(50);
    for (const answer of answers) expect(answer).toEqual(answers[0] ?? answer);
    expect(await outboxAll()).toHaveLength(1);
  });

  scene('a refusal is answered again too', async ({ openItem, bid }) => {
    await openItem({}, {});
    const wish = { userId: 'ann', amount: 40, key: 'k1' };
    const first = await bid(wish);
    await bid({ userId: 'ben', amount: 70 });
    expect(first).toMatchObject({ kind: 'refused', nextMicros: units(50) });
    expect(await bid(wish)).toEqual(first);
  });

  scene('other parameters under the same key are refused', async (bench) => {
    await bench.openItem({ buyNowMicros: units(500) });
    await bench.bid({ userId: 'ann', amount: 60, key: 'k1' });
    for (const other of [{ amount: 80 }, { amount: 60, max: 90 }, { amount: 60, buyNow: true }]) {
      expect(await bench.bid({ userId: 'ann', key: 'k1', ...other })).toEqual({
        kind: 'idempotency-key-reused',
      });
    }
    expect(await bench.outboxAll()).toHaveLength(1);
  });

  scene('a key belongs to its user and its item', async ({ book, bid }) => {
    await book.open(definitionOf());
    await book.open(definitionOf({}, { itemId: 'L2' }));
    const key = 'k1';
    const answers = [
      await bid({ userId: 'ann', amount: 60, key }),
      await bid({ userId: 'ben', amount: 70, key }),
      await bid({ userId: 'ann', amount: 80, key, itemId: 'L2' }),
    ];
    expect(acceptedIn(answers)).toHaveLength(3);
  });

  scene('a user has so many keys on an item; the old ones are answered still', async (bench) => {
    const { bid, book, outboxAll } = bench;
    await book.open(definitionOf());
    await book.open(definitionOf({}, { itemId: 'L2' }));
    const low = (number: number) => bid({ userId: 'ann', amount: 1, key: `k${number}` });
    const first = await bid({ userId: 'ann', amount: 60, key: 'k0' });
    for (let number = 1; number < IDEMPOTENCY_KEYS; number += 1) await low(number);
    expect(await low(IDEMPOTENCY_KEYS)).toEqual({ kind: 'too-many-keys' });
    expect(await low(IDEMPOTENCY_KEYS)).toEqual({ kind: 'too-many-keys' });
    expect(await bid({ userId: 'ann', amount: 60, key: 'k0' })).toEqual(first);
    const others = [
      await bid({ userId: 'ann', amount: 80 }),
      await bid({ userId: 'ben', amount: 100, key: 'k0' }),
      await bid({ userId: 'ann', amount: 60, key: 'one more', itemId: 'L2' }),
    ];
    expect(acceptedIn(others)).toHaveLength(3);
    expect(await outboxAll()).toHaveLength(4);
  });

  scene('a key that met no item is still free', async ({ openItem, bid }) => {
    const wish = { userId: 'ann', amount: 60, key: 'k1' };
    await bid(wish);
    await openItem();
    expect(await bid(wish)).toMatchObject({ kind: 'accepted' });
  });

  scene('the answer outlives the end and the retraction', async ({ openItem, book, bid }) => {
    await openItem();
    const wish = { userId: 'ann', amount: 60, key: 'k1' };
    const first = await accepted(bid(wish));
    await book.retract('L1', { unwanted: { bidId: first.bidId }, eventId: 'back' });
    expect(await bid(wish)).toEqual(first);
    await book.close('L1', FORCED);
    expect(await bid(wish)).toEqual(first);
  });
}

export function closingScenes(scene: Scene): void {
  scene('an item is closed when it is due, not before', async ({ openItem, book, clock }) => {
    await openItem({}, { closesAtMs: clock.nowMs() + 100 });
    clock.advance(99);
    expect(await book.close('L1', DUE)).toBeNull();
    clock.advance(1);
    expect(await book.close('L1', DUE)).toMatchObject({ outcome: 'passed', eventId: 'closing' });
    expect(await book.read('L1')).toMatchObject({ status: 'ended', outcome: 'passed', seq: 1 });
  });

  scene('a bid at the end is refused though nobody closed the item', async (bench) => {
    await bench.openItem({}, { closesAtMs: bench.clock.nowMs() + 100 });
    bench.clock.advance(99);
    expect(await bench.bid({ userId: 'ann', amount: 60 })).toMatchObject({ kind: 'accepted' });
    bench.clock.advance(1);
    expect(await bench.bid({ userId: 'ann', amount: 90 })).toMatchObject({
      kind: 'refused',
      code: 'ended',
      nextMicros: null,
    });
    expect(await bench.book.read('L1')).toMatchObject({ status: 'active' });
  });

  scene('a soft close moves the end that counts', async ({ openItem, book, bid, clock }) => {
    const softClose = { windowMs: 50, extendMs: 80, absoluteEndMs: null };
    const endsAtMs = clock.nowMs() + 140;
    await openItem({ softClose }, { closesAtMs: clock.nowMs() + 100 });
    clock.advance(60);
    expect(await bid({ userId: 'ann', amount: 60 })).toMatchObject({ endsAtMs });
    clock.advance(60);
    expect(await book.close('L1', DUE)).toBeNull();
    clock.advance(20);
    expect(await book.close('L1', DUE)).toMatchObject({ outcome: 'sold', winnerId: 'ann' });
  });

  scene('of overlapping closes one makes the event', async ({ openItem, book, outboxAll }) => {
    await openItem();
    const closes = Array.from({ length: 20 }, (_, index) =>
      book.close('L1', { eventId: `closing${index}`, force: true }),
    );
    const made = (await Promise.all(closes)).filter((event) => event !== null);
    expect(made).toHaveLength(1);
    expect(await outboxAll()).toEqual(made);
  });

  scene('nothing is taken after the close', async ({ openItem, book, bid, outboxAll }) => {
    await openItem();
    const amounts = Array.from({ length: 40 }, (_, index) => 60 + index * 10);
    const bids = amounts.map((amount) => bid({ userId: 'ann', amount }));
    const closing = book.close('L1', FORCED);
    const late = amounts.map((amount) => bid({ userId: 'ben', amount: amount + 1_000 }));
    const taken = acceptedIn(await Promise.all([...bids, ...late]));
    expect(await closing).toMatchObject({ seq: taken.length + 1 });
    expect((await outboxAll()).at(-1)).toMatchObject({ type: 'close', seq: taken.length + 1 });
  });
}

export function retractingScenes(scene: Scene): void {
  scene('a bid is taken back by one event', async ({ openItem, book, bid, outboxAll }) => {
    await openItem();
    await bid({ userId: 'ann', max: 100 });
    const { bidId } = await accepted(bid({ userId: 'ben', amount: 150 }));
    const event = await book.retract('L1', { unwanted: { bidId }, eventId: 'back' });
    expect(event).toMatchObject({ type: 'retract', seq: 3, eventId: 'back', leaderId: 'ann' });
    expect((await outboxAll()).at(-1)).toEqual(event ?? undefined);
    expect(await book.read('L1')).toMatchObject({
      seq: 3,
      priceMicros: units(50),
      leaderMaxMicros: units(100),
    });
    expect(await bid({ userId: 'cid', amount: 60 })).toMatchObject({ seq: 4, outbidByProxy: true });
  });

  scene('a raised maximum is taken back too', async ({ openItem, book, bid }) => {
    await openItem();
    await bid({ userId: 'ann', max: 100 });
    const { bidId } = await accepted(bid({ userId: 'ann', max: 300 }));
    await book.retract('L1', { unwanted: { bidId }, eventId: 'back' });
    expect(await bid({ userId: 'ben', amount: 150 })).toMatchObject({ isHighest: true });
  });

  scene('a bid is taken back once', async ({ openItem, book, bid, outboxAll }) => {
    await openItem();
    const { bidId } = await accepted(bid({ userId: 'ann', amount: 60 }));
    const events = await Promise.all(
      ['back1', 'back2'].map((eventId) => book.retract('L1', { unwanted: { bidId }, eventId })),
    );
    expect(events.filter((event) => event !== null)).toHaveLength(1);
    expect(await outboxAll()).toHaveLength(2);
  });

  scene('a bid that was not accepted cannot be taken back', async ({ openItem, book, bid }) => {
    await openItem();
    await bid({ userId: 'ann', amount: 60 });
    expect(await book.retract('L1', { unwanted: { bidId: 'nobody' }, eventId: 'back' })).toBeNull();
  });

  scene('an ended item keeps its bids', async ({ openItem, book, bid, outboxAll }) => {
    await openItem();
    const { bidId } = await accepted(bid({ userId: 'ann', amount: 60 }));
    await book.close('L1', FORCED);
    expect(await book.retract('L1', { unwanted: { bidId }, eventId: 'back' })).toBeNull();
    expect(await outboxAll()).toHaveLength(2);
  });
}

export function removingScenes(scene: Scene): void {
  const ban = { unwanted: { userId: 'ann', ban: true }, eventId: 'gone' };

  scene('a bidder is removed with a maximum that made no event', async (bench) => {
    const { openItem, book, bid, outboxAll } = bench;
    await openItem();
    await bid({ userId: 'ben', amount: 60 });
    await bid({ userId: 'ann', amount: 70 });
    await bid({ userId: 'ann', max: 900 });
    const unwanted = { userId: 'ann', ban: false };
    const event = await book.retract('L1', { unwanted, eventId: 'gone' });
    expect(event).toMatchObject({ type: 'retract', seq: 3, leaderId: 'ben', retractedBidId: null });
    expect(event).toMatchObject({ removedUserId: 'ann', priceMicros: units(60) });
    expect((await outboxAll()).at(-1)).toEqual(event ?? undefined);
    expect(await book.read('L1')).toMatchObject({ leaderMaxMicros: units(60), bidCount: 1 });
    expect(await book.retract('L1', { unwanted, eventId: 'again' })).toBeNull();
    expect(await bid({ userId: 'ann', amount: 80 })).toMatchObject({ seq: 4, isHighest: true });
  });

  scene(
    'what a removed bidder bids later counts, also when others are taken back',
    async (bench) => {
      const { openItem, book, bid } = bench;
      await openItem();
      await bid({ userId: 'ann', max: 500 });
      await book.retract('L1', { unwanted: { userId: 'ann', ban: false }, eventId: 'gone' });
      await bid({ userId: 'ann', amount: 60 });
      const { bidId } = await accepted(bid({ userId: 'ben', amount: 80 }));
      await book.retract('L1', { unwanted: { bidId }, eventId: 'back' });
      expect(await book.read('L1')).toMatchObject({ leaderId: 'ann', leaderMaxMicros: units(60) });
    },
  );

  scene('a banned bidder is refused, and nobody else', async ({ openItem, book, bid }) => {
    await openItem();
    await bid({ userId: 'ann', amount: 60 });
    await book.retract('L1', ban);
    expect(await bid({ userId: 'ann', amount: 90 })).toMatchObject({ code: 'banned' });
    expect(await bid({ userId: 'ann', max: 90 })).toMatchObject({ code: 'banned' });
    expect(await bid({ userId: 'ben', amount: 90 })).toMatchObject({ kind: 'accepted' });
    expect(await book.retract('L1', ban)).toBeNull();
    expect(await book.retract('nothing', ban)).toBeNull();
  });

  scene('bids at the same time as a removal are before it or behind it', async (bench) => {
    const { openItem, book, bid, outboxAll } = bench;
    await openItem();
    const bids = (from: number) =>
      Array.from({ length: 20 }, (_, index) =>
        bid({ userId: index % 2 === 0 ? 'ann' : 'ben', amount: from + index * 10 }),
      );
    await Promise.all([...bids(100), book.retract('L1', ban), ...bids(500)]);
    const events = await outboxAll();
    const goneAt = events.findIndex(({ type }) => type === 'retract');
    const later = events.slice(goneAt + 1).map((event) => event.type === 'bid' && event.userId);
    expect(later).not.toContain('ann');
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(await book.read('L1')).toMatchObject({ leaderId: 'ben', seq: events.length });
  });

  scene('a ban is kept', async ({ openItem, book, bid, reopen }) => {
    if (reopen === undefined) return;
    await openItem();
    await bid({ userId: 'ann', max: 900 });
    await book.retract('L1', ban);
    const state = await book.read('L1');
    await using reopened = (await reopen()).book;
    expect(await reopened.read('L1')).toEqual(state);
    expect(state).toMatchObject({ bannedIds: ['ann'], leaderId: null });
  });
}

/** Only for drivers that hand in `reopen` or `failStore`: the others have nothing to keep. */
export function keepingScenes(scene: Scene): void {
  scene('a reopened book goes on where it was', async ({ openItem, book, bid, ...opened }) => {
    if (opened.reopen === undefined) return;
    const key = 'k1';
    await openItem({ reserveMicros: units(900) });
    const first = await accepted(bid({ userId: 'ann', max: 100, key }));
    const second = await accepted(bid({ userId: 'ben', amount: 150 }));
    const [state, outbox] = [await book.read('L1'), await opened.outboxAll()];
    const again = await opened.reopen();
    await using reopened = again.book;
    expect(await reopened.read('L1')).toEqual(state);
    expect(await again.outboxAll()).toEqual(outbox);
    const replay = {
      ...bidOf({ userId: 'ann', max: 100 }, 900),
      itemId: 'L1',
      idempotencyKey: key,
    };
    expect(await reopened.place(replay)).toEqual(first);
    const back = { unwanted: { bidId: second.bidId }, eventId: 'back' };
    expect(await reopened.retract('L1', back)).toMatchObject({ seq: 3, leaderId: 'ann' });
    expect(await reopened.close('L1', FORCED)).toMatchObject({ seq: 4 });
  });

  scene(
    'a book that cannot decide tells nobody that it did',
    async ({ openItem, book, ...rest }) => {
      if (rest.failStore === undefined) return;
      await openItem();
      await rest.bid({ userId: 'ann', amount: 60 });
      const mend = rest.failStore();
      const tries = [90, 120].map((amount) =>
        rest.bid({ userId: 'ben', amount, key: `k${amount}` }),
      );
      for (const tried of await Promise.allSettled(tries)) {
        expect(tried).toMatchObject({ status: 'rejected', reason: expect.any(NotDecidedError) });
      }
      mend();
      expect(await rest.bid({ userId: 'cid', amount: 500 })).toMatchObject({ kind: 'accepted' });
      const events = await rest.outboxAll();
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      expect(await book.read('L1')).toMatchObject({ seq: events.length, leaderId: 'cid' });
    },
  );
}
