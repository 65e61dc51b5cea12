/** How much the next bid must be: the start price at first, then an increment above the price. */
import { addMicros, type Micros, maxMicros, toMicros } from '../../core/money.ts';
import { currencyOf } from './currency.ts';
import type { ItemPolicy, LadderStep, Standing } from './item.ts';

const BASIS_POINTS_PER_ONE = 10_000;

/** The increment above `priceMicros`. */
export function incrementAt(policy: ItemPolicy, priceMicros: Micros): Micros {
  const { increment } = policy;
  switch (increment.kind) {
    case 'fixed':
      return increment.amountMicros;
    case 'percent': {
      const { minorMicros } = currencyOf(policy);
      const share = shareOf(priceMicros, increment.basisPoints);
      return maxMicros(toMicros(roundedUp(share, minorMicros)), increment.leastMicros);
    }
    case 'ladder':
      return stepAt(increment.steps, priceMicros).incrementMicros;
  }
}

/** The least amount of the next bid, wherever the item is in its life. */
export function leastNext(standing: Standing, policy: ItemPolicy): Micros {
  if (standing.leaderId === null) return policy.startMicros;
  return addMicros(standing.priceMicros, incrementAt(policy, standing.priceMicros));
}

/** Rounded up to a micro. */
function shareOf(priceMicros: Micros, basisPoints: number): number {
  // Whole and rest apart: their product could be beyond the safe integers.
  const rest = priceMicros % BASIS_POINTS_PER_ONE;
  const whole = (priceMicros - rest) / BASIS_POINTS_PER_ONE;
  return whole * basisPoints + Math.ceil((rest * basisPoints) / BASIS_POINTS_PER_ONE);
}

/** By the remainder: a quotient of large numbers may lose the last digits. */
function roundedUp(value: number, unit: number): number {
  const over = value % unit;
  return over === 0 ? value : value - over + unit;
}

function stepAt(steps: readonly LadderStep[], priceMicros: Micros): LadderStep {
  for (const step of steps) {
    if (step.belowMicros === null || priceMicros < step.belowMicros) return step;
  }
  throw new RangeError('a ladder without an open end');
}
