/** The golden cases of the ad auction: `exchange/*.json`, one rule each, amounts in units. */
import { describe, expect, test } from 'bun:test';
import { type Answer, REASONS, type Reason } from '../../src/exchange/rule/auction.ts';
import { decide } from '../../src/exchange/rule/decide.ts';
import type { AuctionType } from '../../src/exchange/rule/supply.ts';
import { units } from '../support/auction.ts';

type GoldenCase = {
  readonly rule: string;
  readonly terms: { readonly tmax_ms: number; readonly seed: number };
  readonly imp: {
    readonly supply: string;
    readonly country: string | null;
    readonly floor: number;
    readonly auction_type: AuctionType;
    readonly increment: number;
  };
  readonly answers: readonly {
    readonly bidder: string;
    readonly answer: Answer['outcome'];
    readonly price?: number;
    readonly latency_ms: number;
  }[];
  readonly expected: {
    readonly winner: string | null;
    readonly price: number | null;
    readonly reasons: Readonly<Record<string, Reason>>;
  };
};

const FOLDER = `${import.meta.dir}/exchange`;
const NAMES = [...new Bun.Glob('*.json').scanSync(FOLDER)].toSorted();
const CASES = await Promise.all(
  NAMES.map(
    async (name) => [name, (await Bun.file(`${FOLDER}/${name}`).json()) as GoldenCase] as const,
  ),
);

function answersOf({ answers }: GoldenCase): Answer[] {
  return answers.map(({ bidder, answer, price, latency_ms }) => ({
    bidderId: bidder,
    outcome: answer,
    priceMicros: units(price ?? 0),
    latencyUs: Math.round(latency_ms * 1000),
  }));
}

function hold({ terms, imp }: GoldenCase, answers: readonly Answer[]) {
  const { entries, winnerId, clearingMicros } = decide(
    {
      supplyId: imp.supply,
      country: imp.country,
      floorMicros: units(imp.floor),
      auctionType: imp.auction_type,
      incrementMicros: units(imp.increment),
    },
    answers,
    { tmaxMs: terms.tmax_ms, seed: terms.seed },
  );
  const reasons = Object.fromEntries(entries.map(({ bidderId, reason }) => [bidderId, reason]));
  return { winner: winnerId, price: clearingMicros, reasons };
}

describe('the golden auctions', () => {
  test.each(CASES)('%s', (_, one) => {
    const { price, ...expected } = one.expected;
    const micros = { ...expected, price: price === null ? null : units(price) };
    expect(hold(one, answersOf(one))).toEqual(micros);
    expect(hold(one, answersOf(one).toReversed())).toEqual(micros);
  });

  test('show every reason', () => {
    const shown = CASES.flatMap(([, { expected }]) => Object.values(expected.reasons));
    expect(new Set(shown)).toEqual(new Set(Object.keys(REASONS) as Reason[]));
  });

  test('state their rule in one sentence', () => {
    for (const [, { rule }] of CASES) expect(rule).toMatch(/^[A-Z][^.]+\.$/);
  });
});
