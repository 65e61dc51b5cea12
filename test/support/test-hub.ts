/** A hub over a stage in memory and manual time, with viewers to join. */

import { aliasOf } from '../../src/app/node/alias.ts';
import { createRandom } from '../../src/core/random.ts';
import type { ItemDefinition, ItemState } from '../../src/live/rule/item.ts';
import { PUBLIC } from '../../src/live/rule/view.ts';
import { openHub } from '../../src/live/viewing/hub.ts';
import { VIEWING_LIMIT, type ViewingLimit } from '../../src/live/viewing/limit.ts';
import type { Watch } from '../../src/live/viewing/viewer.ts';
import { liveWire } from '../../src/server/live/socket-frames.ts';
import { createAbstractViewer } from './abstract-viewer.ts';
import { definitionOf } from './live-item.ts';
import { createLiveStage } from './live-stage.ts';
import { createManualTime } from './manual-timers.ts';

export const TICK_MS = 50;

/** Lets all promises on memory settle. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const WATCH: Watch = { itemId: 'L1', resume: null, looker: PUBLIC, mode: 'all' };

export type TestHubOptions = {
  readonly definition?: ItemDefinition;
  /** Bounds that are smaller than the hub's own. */
  readonly limit?: Partial<ViewingLimit>;
};

export async function openTestHub({ definition = definitionOf(), limit }: TestHubOptions = {}) {
  const time = createManualTime();
  const stage = createLiveStage(time.clock);
  await stage.open(definition);
  const faults: unknown[] = [];
  const gate = { passes: Promise.resolve() };
  const hub = await openHub({
    ...time,
    bus: stage.bus,
    archive: stage.archive,
    wire: liveWire,
    aliasOf,
    limit: { ...VIEWING_LIMIT, ...limit },
    tickMs: TICK_MS,
    random: createRandom(1),
    async read(itemId): Promise<ItemState | null> {
      const state = await stage.book.read(itemId);
      await gate.passes;
      return state;
    },
    onError: (error) => faults.push(error),
  });

  function join(wish: Partial<Watch> = {}) {
    const viewer = createAbstractViewer();
    const viewing = hub.join({ ...WATCH, ...wish }, viewer);
    return Object.assign(viewer, { viewing });
  }

  async function joined(wish: Partial<Watch> = {}) {
    const viewer = join(wish);
    await settled();
    return viewer;
  }

  /** Bids of ann and ben in turn from `first` on, all decided, then relayed in one batch. */
  async function burst(first: number, count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      await stage.decide(index % 2 === 0 ? 'ann' : 'ben', first + index * 10);
    }
    await stage.relay();
  }

  return { ...time, stage, hub, gate, faults, join, joined, burst };
}
