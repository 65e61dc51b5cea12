/**
 * An item as a Redis hash: each thing stands once, the policy as JSON, what changes flat. An empty field
 * stands for null.
 */
import { present } from '../../../core/assert.ts';
import { type Micros, toMicros } from '../../../core/money.ts';
import type {
  ItemDefinition,
  ItemOutcome,
  ItemPolicy,
  ItemState,
  ItemStatus,
} from '../../../live/rule/item.ts';

/** What no script needs. */
type About = Pick<ItemDefinition, 'itemId' | 'name' | 'closesAtMs' | 'maskSecret'>;

/** What is asked for of an item that is read whole. */
export const STATE_FIELDS = [
  'about',
  'policy',
  'opensAt',
  'epoch',
  'seq',
  'status',
  'outcome',
  'price',
  'leader',
  'max',
  'bids',
  'endsAt',
  'banned',
] as const;

/** The fields that never change, as `name, value, name, value`. */
export function definitionFields(state: ItemState): string[] {
  const { itemId, name, policy, opensAtMs, closesAtMs, epoch, maskSecret } = state;
  const named = { itemId, name, closesAtMs };
  const about: About = maskSecret === undefined ? named : { ...named, maskSecret };
  return Object.entries({
    about: JSON.stringify(about),
    policy: JSON.stringify(policy),
    opensAt: text(opensAtMs),
    epoch,
  }).flat();
}

/** The fields that a decision may change. */
export function progressFields(state: ItemState): string[] {
  const { bannedIds } = state;
  const fields = {
    seq: text(state.seq),
    status: state.status,
    outcome: text(state.outcome),
    price: text(state.priceMicros),
    leader: text(state.leaderId),
    max: text(state.leaderMaxMicros),
    bids: text(state.bidCount),
    endsAt: text(state.endsAtMs),
  };
  const banned = bannedIds === undefined ? {} : { banned: JSON.stringify(bannedIds) };
  return Object.entries({ ...fields, ...banned }).flat();
}

/** The state of the values of `STATE_FIELDS`, in their order; null when there is no such item. */
export function stateFrom(values: readonly (string | null)[]): ItemState | null {
  if (values.every((value) => value === null)) return null;
  const field = (name: (typeof STATE_FIELDS)[number]) =>
    present(values[STATE_FIELDS.indexOf(name)], `the field ${name} of an item`);
  // Absent while nobody is banned.
  const banned = values[STATE_FIELDS.indexOf('banned')];
  return {
    ...(banned && { bannedIds: JSON.parse(banned) as string[] }),
    ...(JSON.parse(field('about')) as About),
    policy: JSON.parse(field('policy')) as ItemPolicy,
    opensAtMs: numberOrNull(field('opensAt')),
    epoch: field('epoch'),
    seq: Number(field('seq')),
    status: field('status') as ItemStatus,
    outcome: (field('outcome') || null) as ItemOutcome | null,
    priceMicros: microsFrom(field('price')),
    leaderId: field('leader') || null,
    leaderMaxMicros: microsFrom(field('max')),
    bidCount: Number(field('bids')),
    endsAtMs: numberOrNull(field('endsAt')),
  };
}

function microsFrom(value: string): Micros {
  return toMicros(Number(value));
}

function numberOrNull(value: string): number | null {
  return value === '' ? null : Number(value);
}

function text(value: string | number | null): string {
  return value === null ? '' : `${value}`;
}
