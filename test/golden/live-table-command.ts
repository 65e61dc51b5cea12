/** Parses the words of `open` and `bid` into the arguments of an item book. */
import { MICROS_PER_CENT, type Micros, toMicros } from '../../src/core/money.ts';
import type { PlaceCommand } from '../../src/live/port/item-book.ts';
import { type Currency, findCurrency } from '../../src/live/rule/currency.ts';
import { definitionFaults } from '../../src/live/rule/definition.ts';
import type {
  IncrementPolicy,
  ItemDefinition,
  ItemPolicy,
  LadderStep,
  SoftClose,
} from '../../src/live/rule/item.ts';
import { amountOf, durationOf, TableFault } from './live-table-text.ts';

type Words = readonly string[];

/** The settings of `open`, by their first word: the words that follow it. */
type Settings = ReadonlyMap<string, Words>;

const SETTING_WORDS = new Set([
  ...['start', 'increment', 'least', 'ladder', 'reserve', 'buy-now', 'no-proxy'],
  ...['opens', 'close', 'extend', 'window', 'latest', 'currency'],
]);

function settingsOf(words: Words): Settings {
  const settings = new Map<string, string[]>();
  let values: string[] | undefined;
  for (const word of words) {
    if (SETTING_WORDS.has(word)) {
      values = [];
      settings.set(word, values);
    } else if (values === undefined) throw new TableFault(`there is no setting "${word}"`);
    else values.push(word);
  }
  return settings;
}

/** `open ITEM settings...`; times count from `startMs`. */
export function readDefinition([itemId = '', ...words]: Words, startMs: number): ItemDefinition {
  const settings = settingsOf(words);
  const policy: ItemPolicy = {
    startMicros: amount(settings, 'start') ?? toMicros(MICROS_PER_CENT),
    increment: incrementOf(settings),
    reserveMicros: amount(settings, 'reserve'),
    buyNowMicros: amount(settings, 'buy-now'),
    proxy: !settings.has('no-proxy'),
    softClose: softCloseOf(settings, startMs),
    maskBidders: false,
    currency: currencyFrom(settings),
  };
  const opensAtMs = moment(settings, 'opens', startMs);
  const closesAtMs = moment(settings, 'close', startMs);
  const definition = { itemId, name: itemId, policy, opensAtMs, closesAtMs };
  const faults = definitionFaults(definition).map(({ path, message }) => `${path} ${message}`);
  if (faults.length > 0) throw new TableFault(faults.join('; '));
  return definition;
}

function currencyFrom(settings: Settings): Currency {
  const [code = 'USD'] = settings.get('currency') ?? [];
  const currency = findCurrency(code);
  if (currency === undefined) throw new TableFault(`there is no currency "${code}"`);
  return currency;
}

function incrementOf(settings: Settings): IncrementPolicy {
  const ladder = settings.get('ladder');
  if (ladder !== undefined) return { kind: 'ladder', steps: ladder.map(stepOf) };
  const [increment = '0.01'] = settings.get('increment') ?? [];
  if (!increment.endsWith('%')) return { kind: 'fixed', amountMicros: amountOf(increment) };
  return {
    kind: 'percent',
    basisPoints: Number(increment.slice(0, -1)) * 100,
    leastMicros: amount(settings, 'least') ?? toMicros(MICROS_PER_CENT),
  };
}

/** `20:0.50` is half a unit below 20, `above:5` is 5 from there on. */
function stepOf(word: string): LadderStep {
  const [below, increment] = word.split(':');
  return {
    belowMicros: below === 'above' ? null : amountOf(below),
    incrementMicros: amountOf(increment),
  };
}

/** Without a `window` of its own, a bid that the extension would outlast is a late one. */
function softCloseOf(settings: Settings, startMs: number): SoftClose | null {
  const extend = settings.get('extend');
  if (extend === undefined) return null;
  const window = settings.get('window') ?? extend;
  return {
    windowMs: durationOf(window[0]),
    extendMs: durationOf(extend[0]),
    absoluteEndMs: moment(settings, 'latest', startMs),
  };
}

function amount(settings: Settings, word: string): Micros | null {
  const values = settings.get(word);
  return values === undefined ? null : amountOf(values[0]);
}

function moment(settings: Settings, word: string, startMs: number): number | null {
  const values = settings.get(word);
  return values === undefined ? null : startMs + durationOf(values[0]);
}

/** `bid ITEM WHO [AMOUNT] [max N] [buy-now] [key K]`; the ids are those of the line. */
export function readBid([itemId = '', userId = '', ...words]: Words, line: number): PlaceCommand {
  const rest = [...words];
  let command: PlaceCommand = {
    itemId,
    userId,
    bidId: `bid${line}`,
    eventId: `event${line}`,
    amountMicros: null,
    maxMicros: null,
    buyNow: false,
    idempotencyKey: null,
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === 'max') command = { ...command, maxMicros: amountOf(rest.shift()) };
    else if (word === 'key') command = { ...command, idempotencyKey: rest.shift() ?? null };
    else if (word === 'buy-now') command = { ...command, buyNow: true };
    else command = { ...command, amountMicros: amountOf(word) };
  }
  return command;
}
