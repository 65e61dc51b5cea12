/**
 * The definition of an item: its bounds, what is wrong with one, and the policy of an item that nobody
 * defined.
 */
import { isId } from '../../core/id.ts';
import { ZERO_MICROS } from '../../core/money.ts';
import { hasCharacters } from '../../core/text.ts';
import { type Currency, currencyOf, DOLLAR, decimalsOf } from './currency.ts';
import type { IncrementPolicy, ItemDefinition, ItemPolicy, LadderStep, SoftClose } from './item.ts';
import { LIVE_LIMIT } from './limit.ts';

export const DEFINITION_LIMIT = {
  nameCharacters: 200,
  ladderSteps: 100,
  /** Longest window, and longest extension, of a soft close. */
  softCloseMs: 24 * 60 * 60 * 1000,
  /** Largest increment in percent, in basis points: the price doubles. */
  incrementBasisPoints: 10_000,
} as const;

/** Of an item that nobody opened: it is made when it is first asked for. */
export function firstSightPolicy(currency: Currency): ItemPolicy {
  return {
    startMicros: currency.minorMicros,
    increment: { kind: 'fixed', amountMicros: currency.minorMicros },
    reserveMicros: null,
    buyNowMicros: null,
    proxy: true,
    softClose: null,
    maskBidders: false,
    currency,
  };
}

/** In dollars. */
export const FIRST_SIGHT_POLICY: ItemPolicy = firstSightPolicy(DOLLAR);

/** `path` names the field. */
export type DefinitionFault = { readonly path: string; readonly message: string };

/** Every fault, in the order of the fields; none when the item can be opened. */
export function definitionFaults(definition: ItemDefinition): readonly DefinitionFault[] {
  const { name, policy } = definition;
  return [
    ...faultIf(
      !isId(definition.itemId),
      'itemId',
      'must be 1 to 128 of A-Z a-z 0-9 _ . : -, but not . or ..',
    ),
    ...faultIf(
      !hasCharacters(name, DEFINITION_LIMIT.nameCharacters),
      'name',
      `must have 1 to ${DEFINITION_LIMIT.nameCharacters} characters`,
    ),
    ...moneyFaults(policy),
    ...timeFaults(definition),
    ...(policy.softClose === null ? [] : softCloseFaults(policy.softClose, definition)),
  ];
}

/** In the order of the fields. */
function moneyFaults(policy: ItemPolicy): DefinitionFault[] {
  const money = moneyCheck(currencyOf(policy));
  return [
    ...money(policy.startMicros, 'policy.startMicros'),
    ...incrementFaults(policy.increment, money),
    ...reserveAndBuyNowFaults(policy, money),
  ];
}

function incrementFaults(increment: IncrementPolicy, money: MoneyCheck): DefinitionFault[] {
  const path = 'policy.increment';
  switch (increment.kind) {
    case 'fixed':
      return money(increment.amountMicros, `${path}.amountMicros`);
    case 'percent':
      return [
        ...whole(
          increment.basisPoints,
          `${path}.basisPoints`,
          DEFINITION_LIMIT.incrementBasisPoints,
        ),
        ...money(increment.leastMicros, `${path}.leastMicros`),
      ];
    case 'ladder':
      return ladderFaults(increment.steps, `${path}.steps`, money);
  }
}

function ladderFaults(
  steps: readonly LadderStep[],
  path: string,
  money: MoneyCheck,
): DefinitionFault[] {
  if (steps.length === 0 || steps.length > DEFINITION_LIMIT.ladderSteps) {
    return [{ path, message: `must have 1 to ${DEFINITION_LIMIT.ladderSteps} steps` }];
  }
  return steps.flatMap((step, index) => [
    ...ladderEndFaults(steps, index, { path: `${path}[${index}].belowMicros`, money }),
    ...money(step.incrementMicros, `${path}[${index}].incrementMicros`),
    // A falling increment would let a higher price ask for a lower next bid.
    ...faultIf(
      step.incrementMicros < (steps[index - 1]?.incrementMicros ?? ZERO_MICROS),
      `${path}[${index}].incrementMicros`,
      'must not be below the one before',
    ),
  ]);
}

function ladderEndFaults(
  steps: readonly LadderStep[],
  index: number,
  { path, money }: { path: string; money: MoneyCheck },
): DefinitionFault[] {
  const belowMicros = steps[index]?.belowMicros ?? null;
  const isLast = index === steps.length - 1;
  if (isLast) return faultIf(belowMicros !== null, path, 'must be null: the last step has no end');
  if (belowMicros === null) return [{ path, message: 'must not be null before the last step' }];
  const previousMicros = steps[index - 1]?.belowMicros ?? ZERO_MICROS;
  return [
    ...money(belowMicros, path),
    ...faultIf(belowMicros <= previousMicros && index > 0, path, 'must be above the one before'),
  ];
}

function reserveAndBuyNowFaults(policy: ItemPolicy, money: MoneyCheck): DefinitionFault[] {
  const { startMicros, reserveMicros, buyNowMicros } = policy;
  const least = Math.max(startMicros, reserveMicros ?? ZERO_MICROS);
  return [
    ...(reserveMicros === null ? [] : money(reserveMicros, 'policy.reserveMicros')),
    ...(buyNowMicros === null ? [] : money(buyNowMicros, 'policy.buyNowMicros')),
    ...faultIf(
      buyNowMicros !== null && buyNowMicros < least,
      'policy.buyNowMicros',
      'must not be below the start price or the reserve',
    ),
  ];
}

function timeFaults({ opensAtMs, closesAtMs }: ItemDefinition): DefinitionFault[] {
  return [
    ...(opensAtMs === null ? [] : whole(opensAtMs, 'opensAtMs', Number.MAX_SAFE_INTEGER)),
    ...(closesAtMs === null ? [] : whole(closesAtMs, 'closesAtMs', Number.MAX_SAFE_INTEGER)),
    ...faultIf(
      opensAtMs !== null && closesAtMs !== null && closesAtMs <= opensAtMs,
      'closesAtMs',
      'must be after the opening',
    ),
  ];
}

function softCloseFaults(softClose: SoftClose, { closesAtMs }: ItemDefinition): DefinitionFault[] {
  const path = 'policy.softClose';
  const { windowMs, extendMs, absoluteEndMs } = softClose;
  return [
    ...faultIf(closesAtMs === null, path, 'needs closesAtMs: there is no end to move'),
    ...whole(windowMs, `${path}.windowMs`, DEFINITION_LIMIT.softCloseMs),
    ...whole(extendMs, `${path}.extendMs`, DEFINITION_LIMIT.softCloseMs),
    ...(absoluteEndMs === null
      ? []
      : whole(absoluteEndMs, `${path}.absoluteEndMs`, Number.MAX_SAFE_INTEGER)),
    ...faultIf(
      absoluteEndMs !== null && closesAtMs !== null && absoluteEndMs < closesAtMs,
      `${path}.absoluteEndMs`,
      'must not be before closesAtMs',
    ),
  ];
}

type MoneyCheck = (value: number, path: string) => DefinitionFault[];

function moneyCheck(currency: Currency): MoneyCheck {
  const tooFine = `must have at most ${decimalsOf(currency)} decimals in ${currency.code}`;
  return (value, path) => {
    const faults = whole(value, path, LIVE_LIMIT.priceMicros);
    if (faults.length > 0) return faults;
    return faultIf(value % currency.minorMicros !== 0, path, tooFine);
  };
}

function whole(value: number, path: string, most: number): DefinitionFault[] {
  const good = Number.isSafeInteger(value) && value >= 1 && value <= most;
  return faultIf(!good, path, `must be a whole number of 1 to ${most}`);
}

function faultIf(bad: boolean, path: string, message: string): DefinitionFault[] {
  return bad ? [{ path, message }] : [];
}
