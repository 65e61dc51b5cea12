/** Follows the bus into the archive, at its own pace: a batch is passed when the archive has it. */
import type { Loop } from '../core/loop.ts';
import type { Bus } from '../flow/bus.ts';
import type { Archive } from './port/item-archive.ts';
import type { ItemEvent } from './rule/item.ts';

const DURABLE_NAME = 'archive';

export type ArchiverParts = {
  readonly bus: Pick<Bus<ItemEvent>, 'subscribe'>;
  readonly archive: Pick<Archive, 'append'>;
};

export async function startArchiver({ bus, archive }: ArchiverParts): Promise<Loop> {
  const handler = (events: readonly ItemEvent[]) => archive.append(events);
  return { stop: await bus.subscribe({ durableName: DURABLE_NAME, handler }) };
}
