/** How much the next bid must be: the start price at first, then an increment above the price. */
import { addMicros, MICROS_PER_CENT, type Micros, maxMicros, toMicros } from '../../core/money.ts';
import type { IncrementPolicy, ItemPolicy, LadderStep, Standing } from './item.ts';

const BASIS_POINTS_PER_ONE = 10_000;

/** The increment above `priceMicros`. */
export function incrementAt(policy: IncrementPolicy, priceMicros: Micros): Micros {
  switch (policy.kind) {
    case 'fixed':
      return policy.amountMicros;
    case 'percent':
      return maxMicros(shareInCents(priceMicros, policy.basisPoints), policy.leastMicros);
    case 'ladder':
      return stepAt(policy.steps, priceMicros).incrementMicros;
  }
}

/** The least amount of the next bid, wherever the item is in its life. */
export function leastNext(standing: Standing, policy: ItemPolicy): Micros {
  if (standing.leaderId === null) return policy.startMicros;
  return addMicros(standing.priceMicros, incrementAt(policy.increment, standing.priceMicros));
}

function shareInCents(priceMicros: Micros, basisPoints: number): Micros {
  // Whole and rest apart: their product could be beyond the safe integers.
  const rest = priceMicros % BASIS_POINTS_PER_ONE;
  const whole = (priceMicros - rest) / BASIS_POINTS_PER_ONE;
  const share = whole * basisPoints + Math.ceil((rest * basisPoints) / BASIS_POINTS_PER_ONE);
  return toMicros(Math.ceil(share / MICROS_PER_CENT) * MICROS_PER_CENT);
}

function stepAt(steps: readonly LadderStep[], priceMicros: Micros): LadderStep {
  for (const step of steps) {
    if (step.belowMicros === null || priceMicros < step.belowMicros) return step;
  }
  throw new RangeError('a ladder without an open end');
}
