/** Carries the events of items from the outboxes of the book to the bus. */
import { type Carry, startCarry } from '../../../flow/carry.ts';
import { type Duty, NOTHING_SERVED } from './duty.ts';

const EVENTS_PER_BATCH = 5_000;
/** Viewers and archive commit and send 50 times per second under load. */
const PACE_MS = 20;

export const relayDuty: Duty = {
  name: 'relay',
  needsBook: true,
  async start({ clock, timers, log, health, owned }, { items }) {
    const bus = items.bus();
    const carries: Carry[] = [];
    for (const outbox of items.outboxes()) {
      const carry = startCarry({
        log: outbox,
        deliver: (events) => bus.publish(events),
        clock,
        timers,
        batchEvents: EVENTS_PER_BATCH,
        paceMs: PACE_MS,
        onError: (err) => log.error({ err }, 'events could not be carried; trying again'),
      });
      owned.defer(() => carry.stop());
      carries.push(carry);
    }
    health.add({ name: 'relay', isUp: () => carries.every((carry) => carry.isWorking()) });
    return NOTHING_SERVED;
  },
};
