/**
 * The contract of an item book, sentence by sentence; every driver passes the same suite.
 *
 * A driver hands in how to open a fresh book on a given clock, and how to see its outbox. `reopen`
 * is for drivers that keep their data: it closes the book and opens another on what was kept.
 * `failStore` makes the store fail until the function that it answers is called.
 */
import { describe, expect, test } from 'bun:test';
import {
  accepted,
  acceptedIn,
  benchOf,
  FORCED,
  type OpenBook,
  type Scene,
} from '../../../test/support/item-book-bench.ts';
import { definitionOf, PLAIN_POLICY, units } from '../../../test/support/live-item.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import {
  closingScenes,
  idempotencyScenes,
  keepingScenes,
  removingScenes,
  retractingScenes,
} from './item-book-life.contract.ts';

export function itemBookContract(name: string, open: OpenBook): void {
  const scene: Scene = (sentence, act) => {
    test(sentence, async () => {
      const clock = createManualClock();
      const opened = await open({ clock });
      await using _book = opened.book;
      await act(benchOf(opened, clock));
    });
  };
  describe(`${name}: opening`, () => openingScenes(scene));
  describe(`${name}: deciding`, () => decidingScenes(scene));
  describe(`${name}: naming`, () => namingScenes(scene));
  describe(`${name}: telling`, () => tellingScenes(scene));
  describe(`${name}: overlapping bids`, () => overlappingScenes(scene));
  describe(`${name}: idempotency keys`, () => idempotencyScenes(scene));
  describe(`${name}: closing`, () => closingScenes(scene));
  describe(`${name}: retracting`, () => retractingScenes(scene));
  describe(`${name}: removing`, () => removingScenes(scene));
  describe(`${name}: keeping`, () => keepingScenes(scene));
}

function openingScenes(scene: Scene): void {
  scene('a new item is in force as it was defined', async ({ book, clock }) => {
    const closesAtMs = clock.nowMs() + 1_000;
    const { state, created } = await book.open(definitionOf({}, { closesAtMs }));
    expect(created).toBe(true);
    expect(state).toMatchObject({ ...definitionOf(), closesAtMs, endsAtMs: closesAtMs, seq: 0 });
    expect(await book.read('L1')).toEqual(state);
  });

  scene('the secret of its aliases is kept with an item', async ({ book }) => {
    await book.open(definitionOf({}, { maskSecret: 'secret' }));
    await book.open(definitionOf({}, { maskSecret: 'another' }));
    expect(await book.read('L1')).toMatchObject({ maskSecret: 'secret' });
  });

  scene('a taken id answers the state in force and changes nothing', async (bench) => {
    await bench.openItem();
    await bench.bid({ userId: 'ann', amount: 60 });
    const again = await bench.book.open(definitionOf({ startMicros: units(999) }));
    expect(again.created).toBe(false);
    expect(again.state).toMatchObject({ seq: 1, leaderId: 'ann', policy: PLAIN_POLICY });
  });

  scene('of overlapping opens one creates', async ({ book }) => {
    const opens = await Promise.all(Array.from({ length: 20 }, () => book.open(definitionOf())));
    expect(opens.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(opens.map(({ state }) => state.epoch)).size).toBe(1);
  });

  scene('an unknown item is told as unknown by every call', async ({ book, bid }) => {
    expect(await book.read('L1')).toBeNull();
    expect(await bid({ userId: 'ann', amount: 60, key: 'k' })).toEqual({ kind: 'unknown-item' });
    expect(await book.close('L1', FORCED)).toBeNull();
    expect(await book.retract('L1', { unwanted: { bidId: 'bid1' }, eventId: 'back' })).toBeNull();
  });

  scene('an item opens by the clock of the book', async ({ openItem, bid, clock }) => {
    await openItem({}, { opensAtMs: clock.nowMs() + 100 });
    clock.advance(99);
    expect(await bid({ userId: 'ann', amount: 60 })).toMatchObject({ code: 'not_open_yet' });
    clock.advance(1);
    expect(await bid({ userId: 'ann', amount: 60 })).toMatchObject({ kind: 'accepted' });
  });
}

function decidingScenes(scene: Scene): void {
  scene('an accepted bid is in the state, the answer and the outbox', async (bench) => {
    const { epoch } = await bench.openItem();
    const answer = await accepted(bench.bid({ userId: 'ann', amount: 60 }));
    const { bidId, eventId } = answer;
    const told = { seq: 1, epoch, endsAtMs: null, reserveMet: true };
    expect(answer).toEqual({
      ...told,
      currency: 'USD',
      kind: 'accepted',
      bidId,
      eventId,
      priceMicros: units(60),
      nextMicros: units(70),
      isHighest: true,
      outbidByProxy: false,
      ended: false,
    });
    expect(await bench.outboxAll()).toEqual([
      {
        ...told,
        type: 'bid',
        eventId: eventId ?? '',
        itemId: 'L1',
        atMs: bench.clock.nowMs(),
        bidId,
        userId: 'ann',
        amountMicros: units(60),
        previousMicros: units(0),
        byProxy: false,
        beaten: null,
      },
    ]);
    expect(await bench.book.read('L1')).toMatchObject({ seq: 1, leaderId: 'ann', bidCount: 1 });
  });

  scene('a refused bid leaves no trace', async ({ openItem, book, bid, outboxAll }) => {
    await openItem({ proxy: false });
    await bid({ userId: 'ann', amount: 60 });
    const before = await book.read('L1');
    const found = { kind: 'refused', seq: 1, priceMicros: units(60), nextMicros: units(70) };
    expect(await bid({ userId: 'ben', amount: 60 })).toMatchObject({
      ...found,
      code: 'bid_too_low',
      isHighest: false,
    });
    expect(await bid({ userId: 'ann', max: 90 })).toMatchObject({
      ...found,
      code: 'proxy_not_allowed',
      isHighest: true,
    });
    expect(await book.read('L1')).toEqual(before);
    expect(await outboxAll()).toHaveLength(1);
  });
}

/** Names that others give: each would break a key, a statement or a line that it was pasted into. */
const ODD_NAMES = [
  'auth0|64f1a2',
  'ann@example.com',
  'https://id.example/u/7?x=1#y',
  'Zoë "the" Müller\\',
  "'); drop table item; --",
  '用户 7 👩‍🚀',
  '[1,"2"]{}:*>%s%d',
  'null',
  'x'.repeat(256),
];

function namingScenes(scene: Scene): void {
  scene('a bidder has the name that it gave, wherever it is told', async (bench) => {
    const { openItem, bid, book, outboxAll } = bench;
    await openItem();
    for (const [index, userId] of ODD_NAMES.entries()) {
      const max = 100 + index * 100;
      expect(await bid({ userId, max })).toMatchObject({ kind: 'accepted', isHighest: true });
      const outbid = await bid({ userId: `${userId.slice(1)}!`, amount: max - 10 });
      expect(outbid).toMatchObject({ kind: 'accepted', isHighest: false, outbidByProxy: true });
      expect(await book.read('L1')).toMatchObject({ leaderId: userId });
    }
    const events = (await outboxAll()).filter((event) => event.type === 'bid');
    const leaders = ODD_NAMES.flatMap((userId) => [userId, userId]);
    expect(events.map(({ userId }) => userId)).toEqual(leaders);
    const losers = ODD_NAMES.flatMap((userId) => [null, `${userId.slice(1)}!`]);
    expect(events.map(({ beaten }) => beaten?.userId ?? null)).toEqual(losers);
  });

  scene('the bids of odd names are taken back and counted like others', async (bench) => {
    const { openItem, bid, book } = bench;
    await openItem();
    const bidIds: string[] = [];
    for (const [index, userId] of ODD_NAMES.entries()) {
      bidIds.push((await accepted(bid({ userId, amount: 60 + index * 10 }))).bidId);
    }
    for (const userId of ODD_NAMES.toReversed()) {
      expect(await book.read('L1')).toMatchObject({ leaderId: userId });
      const bidId = bidIds.pop() ?? '';
      expect(
        await book.retract('L1', { eventId: `evt${bidId}`, unwanted: { bidId } }),
      ).not.toBeNull();
    }
    await bid({ userId: 'ann|1', amount: 60 });
    expect(await book.close('L1', FORCED)).toMatchObject({ winnerId: 'ann|1' });
  });

  scene('no two pairs of a name and a key are one', async ({ openItem, bid, outboxAll }) => {
    await openItem();
    const pairs = [
      ['a', 'b:c'],
      ['a:b', 'c'],
      ['a","b', 'c'],
      ['a', 'b","c'],
      ['a\\', 'b'],
    ] as const;
    for (const [index, [userId, key]] of pairs.entries()) {
      const wish = { userId, key, amount: 60 + index * 10 };
      const first = await accepted(bid(wish));
      expect(await bid(wish)).toEqual(first);
    }
    expect(await outboxAll()).toHaveLength(pairs.length);
  });
}

function tellingScenes(scene: Scene): void {
  scene(
    'a bid outbid by a proxy says so and has its event',
    async ({ openItem, bid, outboxAll }) => {
      await openItem();
      await bid({ userId: 'ann', max: 200 });
      const answer = await accepted(bid({ userId: 'ben', amount: 90 }));
      expect(answer).toMatchObject({ seq: 2, outbidByProxy: true, isHighest: false });
      expect((await outboxAll()).at(-1)).toMatchObject({
        eventId: answer.eventId,
        bidId: answer.bidId,
        userId: 'ann',
        byProxy: true,
        amountMicros: units(100),
      });
    },
  );

  scene('a raised maximum has no event', async ({ openItem, book, bid, outboxAll }) => {
    await openItem();
    await bid({ userId: 'ann', max: 100 });
    expect(await bid({ userId: 'ann', max: 300 })).toMatchObject({ eventId: null, seq: 1 });
    expect(await outboxAll()).toHaveLength(1);
    expect(await book.read('L1')).toMatchObject({ leaderMaxMicros: units(300), seq: 1 });
  });

  scene('a buy now is the bid and the end, one after the other', async (bench) => {
    await bench.openItem({ buyNowMicros: units(500) });
    const answer = await accepted(bench.bid({ userId: 'ann', buyNow: true }));
    expect(answer).toMatchObject({ seq: 1, ended: true, nextMicros: null, isHighest: true });
    const events = await bench.outboxAll();
    expect(events.map(({ seq, type }) => [seq, type])).toEqual([
      [1, 'bid'],
      [2, 'close'],
    ]);
    expect(await bench.book.read('L1')).toMatchObject({ status: 'ended', seq: 2 });
  });

  scene('no event and no answer tells a maximum or a reserve', async (bench) => {
    await bench.openItem({ reserveMicros: units(7_777) });
    const answers = [
      await bench.bid({ userId: 'ann', max: 5_555 }),
      await bench.bid({ userId: 'ben', amount: 90 }),
      await bench.bid({ userId: 'ben', amount: 90 }),
    ];
    const told = JSON.stringify([answers, await bench.outboxAll()]);
    expect(told).not.toContain(String(units(7_777)));
    expect(told).not.toContain(String(units(5_555)));
  });
}

function overlappingScenes(scene: Scene): void {
  scene('a thousand leave a gap-free history of rising prices', async (bench) => {
    await bench.openItem({ increment: { kind: 'fixed', amountMicros: units(1) } });
    const wishes = Array.from({ length: 1_000 }, (_, index) => ({
      userId: `user${index % 20}`,
      amount: 50 + index + ((index * 7) % 13),
    }));
    const answers = await Promise.all(wishes.map((wish) => bench.bid(wish)));
    const taken = acceptedIn(answers);
    const events = (await bench.outboxAll()).filter((event) => event.type === 'bid');
    expect(taken.length).toBeGreaterThan(0);
    expect(events.map(({ seq }) => seq)).toEqual(taken.map((_, index) => index + 1));
    expect(new Set(events.map(({ epoch }) => epoch)).size).toBe(1);
    events.forEach((event, index) => {
      expect(event.previousMicros).toBe(events[index - 1]?.amountMicros ?? units(0));
      expect(event.amountMicros).toBeGreaterThan(event.previousMicros);
    });
    const bySeq = taken.toSorted((left, right) => left.seq - right.seq);
    expect(bySeq.map(({ eventId }) => eventId)).toEqual(events.map(({ eventId }) => eventId));
    answers.forEach((answer, index) => {
      if (answer.kind !== 'refused') return;
      expect(answer.priceMicros).toBe(events[answer.seq - 1]?.amountMicros ?? units(0));
      expect(units(wishes[index]?.amount ?? 0)).toBeLessThan(answer.nextMicros ?? 0);
    });
  });

  scene('of equal amounts one is accepted', async ({ openItem, bid }) => {
    await openItem();
    const users = Array.from({ length: 100 }, (_, index) => `user${index}`);
    const answers = await Promise.all(users.map((userId) => bid({ userId, amount: 60 })));
    expect(acceptedIn(answers)).toHaveLength(1);
  });

  scene('on several items each have their own seq', async ({ book, bid, outboxAll }) => {
    const items = ['L1', 'L2', 'L3'];
    for (const itemId of items) await book.open(definitionOf({}, { itemId }));
    const rounds = Array.from({ length: 30 }, (_, index) => 60 + index * 10);
    await Promise.all(
      rounds.flatMap((amount) => items.map((itemId) => bid({ userId: 'ann', amount, itemId }))),
    );
    for (const itemId of items) {
      const events = (await outboxAll()).filter((event) => event.itemId === itemId);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.at(-1)).toMatchObject({ amountMicros: units(350) });
    }
  });

  scene(
    'the outbox has of each item what was answered first, first',
    async ({ book, bid, outboxAll }) => {
      await book.open(definitionOf({}, { itemId: 'L2' }));
      await book.open(definitionOf());
      const answered = new Map<string, string[]>();
      for (const [index, itemId] of ['L1', 'L2', 'L1', 'L2'].entries()) {
        const { eventId } = await accepted(bid({ userId: 'ann', amount: 60 + index * 20, itemId }));
        answered.set(itemId, [...(answered.get(itemId) ?? []), eventId ?? '']);
      }
      const events = await outboxAll();
      for (const [itemId, eventIds] of answered) {
        const ofItem = events.filter((event) => event.itemId === itemId);
        expect(ofItem.map(({ eventId }) => eventId)).toEqual(eventIds);
      }
    },
  );
}
