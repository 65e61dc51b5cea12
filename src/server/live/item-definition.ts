/** From the body that creates an item to its definition, with every fault said in the body's names. */
import type { Static } from '@sinclair/typebox';
import { MICROS_PER_CENT, type Micros, microsFromDecimal, toMicros } from '../../core/money.ts';
import { type Currency, findCurrency } from '../../live/rule/currency.ts';
import { definitionFaults, firstSightPolicy } from '../../live/rule/definition.ts';
import type { IncrementPolicy, ItemDefinition, SoftClose } from '../../live/rule/item.ts';
import { invalid } from '../http/http-error.ts';
import { type ItemRequest, PositiveAmount } from './item-schema.ts';

type Body = Static<typeof ItemRequest>;
type Increment = NonNullable<Body['increment']>;

/** A fault in one field; the value that stands in for it is never used. */
type Faults = string[];

const MS_PER_SECOND = 1000;
const BASIS_POINTS_PER_PERCENT = 100;
const STAND_IN_MICROS = toMicros(MICROS_PER_CENT);

/** @throws HttpError 400 that lists all that is wrong. */
export function definitionOf(
  body: Body,
  { nowMs, currency }: { nowMs: number; currency: Currency },
): ItemDefinition {
  const faults: Faults = [];
  const definition = decoded(body, currency, faults);
  faults.push(
    ...definitionFaults(definition).map(({ path, message }) => inBodyNames(`${path} ${message}`)),
  );
  const { closesAtMs } = definition;
  if (closesAtMs !== null && closesAtMs <= nowMs) faults.push('ends_at must be in the future');
  if (faults.length > 0) throw invalid(`${faults.join('; ')}.`);
  return definition;
}

/** @param fallback the currency of a body that names none */
function decoded(body: Body, fallback: Currency, faults: Faults): ItemDefinition {
  const currency = currencyFrom(body.currency, faults) ?? fallback;
  const plain = firstSightPolicy(currency);
  const { soft_close } = body;
  const money = (amount: number | null | undefined, place: string): Micros | null =>
    amount === null || amount === undefined ? null : micros(amount, place, faults);
  const time = (text: string | null | undefined, place: string): number | null =>
    text === null || text === undefined ? null : milliseconds(text, place, faults);
  return {
    itemId: body.id,
    name: body.name ?? body.id,
    policy: {
      startMicros: money(body.start_price, 'start_price') ?? plain.startMicros,
      increment: body.increment ? increment(body.increment, faults) : plain.increment,
      reserveMicros: money(body.reserve_price, 'reserve_price'),
      buyNowMicros: money(body.buy_now_price, 'buy_now_price'),
      proxy: body.proxy ?? plain.proxy,
      softClose: soft_close ? softClose(soft_close, time) : null,
      maskBidders: body.mask_bidders ?? plain.maskBidders,
      currency,
    },
    opensAtMs: time(body.opens_at, 'opens_at'),
    closesAtMs: time(body.ends_at, 'ends_at'),
  };
}

function currencyFrom(code: string | null | undefined, faults: Faults): Currency | undefined {
  if (code === null || code === undefined) return undefined;
  const currency = findCurrency(code);
  if (currency === undefined) faults.push(`currency: ${code} is no code of ISO 4217`);
  return currency;
}

function increment(given: Increment, faults: Faults): IncrementPolicy {
  switch (given.type) {
    case 'fixed':
      return { kind: 'fixed', amountMicros: micros(given.amount, 'increment.amount', faults) };
    case 'percent':
      return {
        kind: 'percent',
        basisPoints: basisPoints(given.percent, faults),
        leastMicros: micros(given.least, 'increment.least', faults),
      };
    case 'ladder':
      return {
        kind: 'ladder',
        steps: given.steps.map(({ below, increment: amount }, index) => ({
          belowMicros:
            below === null ? null : micros(below, `increment.steps[${index}].below`, faults),
          incrementMicros: micros(amount, `increment.steps[${index}].increment`, faults),
        })),
      };
  }
}

function softClose(
  given: NonNullable<Body['soft_close']>,
  time: (text: string | null | undefined, place: string) => number | null,
): SoftClose {
  return {
    windowMs: given.window_seconds * MS_PER_SECOND,
    extendMs: given.extend_seconds * MS_PER_SECOND,
    absoluteEndMs: time(given.absolute_end, 'soft_close.absolute_end'),
  };
}

function micros(amount: number, place: string, faults: Faults): Micros {
  const value = microsFromDecimal(amount);
  if (value === undefined) faults.push(`${place} must be ${PositiveAmount.description}`);
  return value ?? STAND_IN_MICROS;
}

function basisPoints(percent: number, faults: Faults): number {
  const value = Math.round(percent * BASIS_POINTS_PER_PERCENT);
  if (value / BASIS_POINTS_PER_PERCENT !== percent) {
    faults.push('increment.percent must have at most 2 decimals');
    return 1;
  }
  return value;
}

function milliseconds(text: string, place: string, faults: Faults): number | null {
  // RFC 3339 has small letters and any number of decimals: what is finer than a millisecond is cut.
  const value = Date.parse(text.toUpperCase().replace(/(\.\d{3})\d+/, '$1'));
  // Date.parse rolls a 30th of February over to March: the day has to come back as it was.
  const day = text.slice(0, 10);
  const midnightMs = Date.parse(`${day}T00:00:00Z`);
  const isReal =
    !Number.isNaN(value) &&
    !Number.isNaN(midnightMs) &&
    new Date(midnightMs).toISOString().startsWith(day);
  if (!isReal) faults.push(`${place} must be a time of the calendar`);
  return isReal ? value : null;
}

const BODY_NAMES: Readonly<Record<string, string>> = {
  itemId: 'id',
  startMicros: 'start_price',
  reserveMicros: 'reserve_price',
  buyNowMicros: 'buy_now_price',
  amountMicros: 'amount',
  basisPoints: 'percent',
  leastMicros: 'least',
  belowMicros: 'below',
  incrementMicros: 'increment',
  softClose: 'soft_close',
  windowMs: 'window_seconds',
  extendMs: 'extend_seconds',
  absoluteEndMs: 'absolute_end',
  opensAtMs: 'opens_at',
  closesAtMs: 'ends_at',
};

/** The rule names its own fields; the client knows those of the body. */
function inBodyNames(fault: string): string {
  return fault.replace(/^policy\./, '').replace(/\w+/g, (word) => BODY_NAMES[word] ?? word);
}
