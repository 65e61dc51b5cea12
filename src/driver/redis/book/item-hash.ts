/**
 * An item as a Redis hash: one flat field for each thing that a script needs, and the definition as
 * JSON for those who read it whole. An empty field stands for null.
 */
import { type Micros, toMicros } from '../../../core/money.ts';
import type {
  IncrementPolicy,
  ItemDefinition,
  ItemOutcome,
  ItemState,
  ItemStatus,
  SoftClose,
} from '../../../live/rule/item.ts';

/** What `read` and `list` ask for, in the order in which `stateFrom` takes it. */
export const STATE_FIELDS = [
  'definition',
  'epoch',
  'seq',
  'status',
  'outcome',
  'price',
  'leader',
  'max',
  'bids',
  'endsAt',
] as const;

/** The fields that never change, as `name, value, name, value`. */
export function definitionFields(state: ItemState): string[] {
  const { itemId, name, policy, opensAtMs, closesAtMs, maskSecret } = state;
  const fields = { itemId, name, policy, opensAtMs, closesAtMs };
  const definition: ItemDefinition = maskSecret === undefined ? fields : { ...fields, maskSecret };
  return Object.entries({
    definition: JSON.stringify(definition),
    epoch: state.epoch,
    start: text(policy.startMicros),
    increment: incrementText(policy.increment),
    reserve: text(policy.reserveMicros),
    buyNow: text(policy.buyNowMicros),
    proxy: policy.proxy ? '1' : '0',
    softClose: softCloseText(policy.softClose),
    opensAt: text(opensAtMs),
  }).flat();
}

/** The fields that a decision may change. */
export function progressFields(state: ItemState): string[] {
  return Object.entries({
    seq: text(state.seq),
    status: state.status,
    outcome: text(state.outcome),
    price: text(state.priceMicros),
    leader: text(state.leaderId),
    max: text(state.leaderMaxMicros),
    bids: text(state.bidCount),
    endsAt: text(state.endsAtMs),
  }).flat();
}

/** Null when there is no such item. */
export function stateFrom(values: readonly (string | null)[]): ItemState | null {
  const [definition, epoch, seq, status, outcome, price, leader, max, bids, endsAt] = values;
  if (typeof definition !== 'string') return null;
  return {
    ...(JSON.parse(definition) as ItemDefinition),
    epoch: epoch ?? '',
    seq: Number(seq),
    status: status as ItemStatus,
    outcome: outcome ? (outcome as ItemOutcome) : null,
    priceMicros: microsFrom(price),
    leaderId: leader || null,
    leaderMaxMicros: microsFrom(max),
    bidCount: Number(bids),
    endsAtMs: endsAt ? Number(endsAt) : null,
  };
}

function microsFrom(value: string | null | undefined): Micros {
  return toMicros(Number(value));
}

function text(value: string | number | null): string {
  return value === null ? '' : `${value}`;
}

/** `fixed:AMOUNT`, `percent:BASIS_POINTS:LEAST` or `ladder:BELOW=INCREMENT;...;=INCREMENT`. */
function incrementText(increment: IncrementPolicy): string {
  switch (increment.kind) {
    case 'fixed':
      return `fixed:${increment.amountMicros}`;
    case 'percent':
      return `percent:${increment.basisPoints}:${increment.leastMicros}`;
    case 'ladder':
      return `ladder:${increment.steps
        .map(({ belowMicros, incrementMicros }) => `${text(belowMicros)}=${incrementMicros}`)
        .join(';')}`;
  }
}

/** `WINDOW:EXTEND:ABSOLUTE_END`. */
function softCloseText(softClose: SoftClose | null): string {
  if (softClose === null) return '';
  return `${softClose.windowMs}:${softClose.extendMs}:${text(softClose.absoluteEndMs)}`;
}
