/** Follows the bus into the archive, at its own pace: a batch is passed when the archive has it. */
import type { Archive } from '../port/archive.ts';
import type { Bus } from '../port/bus.ts';
import type { Loop } from './loop.ts';

const DURABLE_NAME = 'archive';

export type ArchiverParts = {
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly archive: Pick<Archive, 'append'>;
};

export async function startArchiver({ bus, archive }: ArchiverParts): Promise<Loop> {
  return { stop: await bus.subscribe(DURABLE_NAME, (events) => archive.append(events)) };
}
