/**
 * What viewers of live items see: a room for each watched item, and the bus between the rooms.
 *
 * A viewer's first frame is a snapshot, or with `resume` the events that it missed. After it come all
 * events by rising seq; where some are left out (a slow viewer, lost history) the frame says
 * `recovered: false`. Under load several events share a frame, at most one frame a tick. Nothing here
 * slows the bus: a viewer that cannot follow is skipped, and closed when it stays behind. The end of
 * an item is told by its close event alone. When the bus says that it may have lost something, every
 * watched item is read from the book: viewers learn within seconds of what they missed, also when no
 * later event comes. An archive that cannot be read is a lost history: it holds nobody up.
 *
 * Not promised: that a viewer is told of an event that the bus lost without a word when no later one
 * comes.
 */
import { LIMIT } from '../../core/limit.ts';
import type { Random } from '../../core/random.ts';
import { every, sleep } from '../../core/timer.ts';
import type { Bus } from '../../flow/bus.ts';
import type { ItemEvent } from '../rule/item.ts';
import type { Viewer } from './audience.ts';
import { createRoom, type Room, type RoomParts } from './room.ts';
import { createVerifier } from './verifier.ts';
import { CLOSE, type ViewerSocket, type Watch } from './viewer.ts';
import { welcome } from './welcome.ts';

const HOUSEKEEPING_MS = 1_000;

export type HubParts = RoomParts & {
  readonly bus: Pick<Bus<ItemEvent>, 'subscribe'>;
  readonly random: Random;
};

/** One viewer's place in a room. */
export type Viewing = {
  /** The socket has taken what was waiting. */
  drained(): void;
  /** The socket is closed. */
  left(): void;
};

export type Hub = AsyncDisposable & {
  /** A viewer that cannot be let in is closed with a code that says why. */
  join(watch: Watch, socket: ViewerSocket): Viewing;
  counts(): { readonly rooms: number; readonly viewers: number };
  /** Asks every viewer to come back later, and closes them spread over `windowMs`. */
  drain(windowMs: number): Promise<void>;
};

export async function openHub(parts: HubParts): Promise<Hub> {
  const rooms = new Map<string, Room>();
  const verifier = createVerifier(rooms, parts);
  const stopSubscription = await parts.bus.subscribe({
    durableName: null,
    handler: (events) => deliver(rooms, events),
    onMissed: verifier.verifyAll,
  });
  const stopHousekeeping = every(parts.timers, HOUSEKEEPING_MS, createHousekeeping(rooms, parts));
  let isDraining = false;

  function enter(itemId: string): Room | null {
    const found = rooms.get(itemId);
    if (found !== undefined) return found.audience.viewers.size < LIMIT.roomViewers ? found : null;
    if (isDraining || rooms.size >= LIMIT.rooms) return null;
    const room = createRoom(itemId, parts);
    rooms.set(itemId, room);
    return room;
  }

  function leave(itemId: string, { room, viewer }: { room: Room; viewer: Viewer }): void {
    room.audience.remove(viewer);
    if (room.audience.viewers.size > 0 || rooms.get(itemId) !== room) return;
    rooms.delete(itemId);
    room.end();
  }

  function join(watch: Watch, socket: ViewerSocket): Viewing {
    const room = isDraining ? null : enter(watch.itemId);
    if (room === null) return refused(socket, isDraining);
    const viewer: Viewer = newViewer(watch, socket);
    const left = () => leave(watch.itemId, { room, viewer });
    const turnAway = (code: number, reason: string) => {
      left();
      socket.close(code, reason);
    };
    room.audience.add(viewer);
    welcome({ room, viewer, watch }, parts).then(
      (isKnown) => isKnown || turnAway(CLOSE.unknownItem, 'no such item'),
      (error: unknown) => {
        parts.onError(error);
        turnAway(CLOSE.tryLater, 'try again later');
      },
    );
    return { drained: () => catchUp(room, viewer), left };
  }

  return {
    join,
    counts: () => ({ rooms: rooms.size, viewers: viewersOf(rooms).length }),
    drain: async (windowMs) => {
      isDraining = true;
      await sendAway(viewersOf(rooms), windowMs, parts);
    },
    async [Symbol.asyncDispose]() {
      stopHousekeeping();
      verifier.end();
      for (const room of rooms.values()) room.end();
      await stopSubscription();
    },
  };
}

function newViewer({ mode }: Watch, socket: ViewerSocket): Viewer {
  return { socket, mode, lastSeq: null, isQueued: false, skippedAtMs: null };
}

function viewersOf(rooms: ReadonlyMap<string, Room>): Viewer[] {
  return Array.from(rooms.values()).flatMap((room) => Array.from(room.audience.viewers));
}

function refused(socket: ViewerSocket, isDraining: boolean): Viewing {
  if (isDraining) socket.close(CLOSE.restart, 'restarting');
  else socket.close(CLOSE.tryLater, 'too many viewers');
  return { drained() {}, left() {} };
}

function deliver(rooms: ReadonlyMap<string, Room>, events: readonly ItemEvent[]): void {
  const watched = events.filter(({ itemId }) => rooms.has(itemId));
  for (const [itemId, ofItem] of Map.groupBy(watched, (event) => event.itemId)) {
    rooms.get(itemId)?.take(ofItem);
  }
}

/** A viewer that was skipped is brought to the newest event as soon as it can take it. */
function catchUp({ audience, frames, ...room }: Room, viewer: Viewer): void {
  viewer.isQueued = false;
  const item = room.item();
  if (viewer.skippedAtMs === null || item === null) return;
  audience.show(viewer, frames.broadcast(item, room.sentSeq()));
}

/** Once a second: closes who is stuck, and tells a room how many watch when that has changed. */
function createHousekeeping(rooms: ReadonlyMap<string, Room>, { wire, clock }: HubParts) {
  const told = new WeakMap<Room, number>();
  return () => {
    for (const [itemId, room] of rooms) {
      room.audience.closeStuck();
      const watchers = room.audience.viewers.size;
      // The first viewer of a room knows of itself by its snapshot.
      if ((told.get(room) ?? 1) === watchers) continue;
      told.set(room, watchers);
      room.audience.mention(wire.watchers({ itemId, watchers, serverTimeMs: clock.nowMs() }));
    }
  };
}

async function sendAway(
  viewers: readonly Viewer[],
  windowMs: number,
  { wire, clock, timers, random }: HubParts,
): Promise<void> {
  for (const { socket } of viewers) {
    const afterMs = random.integer(0, windowMs);
    socket.send(wire.reconnect({ afterMs, serverTimeMs: clock.nowMs() }));
    timers.after(random.integer(0, windowMs), () => socket.close(CLOSE.restart, 'restarting'));
  }
  if (viewers.length > 0) await sleep(timers, windowMs);
}
