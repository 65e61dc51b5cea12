/** Follows the buses into the archives: item events always, auctions where NATS carries them. */
import { startFollow } from '../../../flow/follow.ts';
import { startMigration } from '../store/migration.ts';
import { type Duty, NOTHING_SERVED } from './duty.ts';

const DURABLE_NAME = 'archive';

export const archiverDuty: Duty = {
  name: 'archiver',
  needsBook: false,
  async start(parts, { items, auctions }) {
    const { config, owned } = parts;
    if (config.postgresUrl !== '') await startMigration(parts);
    await auctions?.archive();
    const bus = items.bus();
    const follow = await startFollow({ bus, durableName: DURABLE_NAME, sink: items.archive() });
    owned.defer(() => follow.stop());
    return NOTHING_SERVED;
  },
};
