/** Ends items when the server's clock says so. */
import { createIdMaker } from '../../../core/id.ts';
import { startCloser } from '../../../live/closer.ts';
import { systemRandom } from '../random.ts';
import { type Duty, NOTHING_SERVED } from './duty.ts';

export const closerDuty: Duty = {
  name: 'closer',
  needsBook: true,
  async start({ clock, timers, log, owned }, { items }) {
    const closer = startCloser({
      book: items.book(),
      index: items.index(),
      clock,
      timers,
      nextEventId: createIdMaker('evt', clock, systemRandom()),
      onError: (err) => log.error({ err }, 'items could not be closed; trying again'),
    });
    owned.defer(() => closer.stop());
    return NOTHING_SERVED;
  },
};
