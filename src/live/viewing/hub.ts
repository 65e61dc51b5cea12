/**
 * Shows live items to their viewers: a room per watched item, fed by the bus.
 *
 * A viewer's first frame is a snapshot, or with `resume` the events that it missed. All events
 * follow by rising seq; where some are left out (a slow viewer, lost history) the frame says
 * `recovered: false`. Under load several events share a frame, at most one frame per tick. Nothing
 * here slows the bus down: a viewer that cannot keep up is skipped, and closed when it stays
 * behind. Only its close event ends an item. When the bus reports that it may have lost events, the
 * hub reads every watched item from the book: viewers get what they missed within seconds, even if
 * no later event comes. An archive that cannot be read counts as lost history: viewers do not wait
 * for it.
 *
 * Not promised: that a viewer learns of an event that the bus lost silently when no later one
 * comes.
 */
import type { Random } from '../../core/random.ts';
import { every, sleep } from '../../core/timer.ts';
import type { Bus } from '../../flow/bus.ts';
import type { ItemEvent } from '../rule/item.ts';
import type { Viewer } from './audience.ts';
import type { Room, RoomParts } from './room.ts';
import { createRooms, type Guest, type Rooms } from './rooms.ts';
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
  /** The socket has sent what was buffered. */
  drained(): void;
  /** The socket is closed. */
  left(): void;
};

export type Hub = AsyncDisposable & {
  /** A viewer that cannot be admitted is closed with a code for the reason. */
  join(watch: Watch, socket: ViewerSocket): Viewing;
  counts(): { readonly rooms: number; readonly viewers: number };
  /** Asks every viewer to come back later, and closes them spread over `windowMs`. */
  drain(windowMs: number): Promise<void>;
};

export async function openHub(parts: HubParts): Promise<Hub> {
  const rooms = createRooms(parts);
  const verifier = createVerifier(rooms.byItem, parts);
  const stopSubscription = await parts.bus.subscribe({
    durableName: null,
    handler: rooms.take,
    onMissed: verifier.verifyAll,
  });
  const stopHousekeeping = every(parts.timers, HOUSEKEEPING_MS, createHousekeeping(rooms, parts));
  let isDraining = false;

  return {
    join(watch, socket) {
      if (isDraining) return refused(socket, CLOSE.restart, 'restarting');
      const room = rooms.open(watch.itemId);
      if (room === null) return refused(socket, CLOSE.tryLater, 'too many viewers');
      const guest = { room, viewer: newViewer(watch, socket) };
      return letIn(guest, watch, { ...parts, rooms });
    },
    counts: () => ({ rooms: rooms.byItem.size, viewers: rooms.viewers().length }),
    drain: async (windowMs) => {
      isDraining = true;
      await sendAway(rooms.viewers(), windowMs, parts);
    },
    async [Symbol.asyncDispose]() {
      stopHousekeeping();
      verifier.end();
      rooms.end();
      await stopSubscription();
    },
  };
}

function newViewer({ looker, mode }: Watch, socket: ViewerSocket): Viewer {
  return { socket, looker, mode, lastSeq: null, isQueued: false, skippedAtMs: null };
}

function refused(socket: ViewerSocket, code: number, reason: string): Viewing {
  socket.close(code, reason);
  return { drained() {}, left() {} };
}

/** Adds a viewer to its room, and removes it again when there is nothing to show it. */
function letIn(
  guest: Guest,
  watch: Watch,
  { rooms, limit, onError }: HubParts & { readonly rooms: Rooms },
): Viewing {
  const { room, viewer } = guest;
  const left = () => rooms.leave(watch.itemId, guest);
  const turnAway = (code: number, reason: string) => {
    left();
    viewer.socket.close(code, reason);
  };
  room.audience.add(viewer);
  welcome({ ...guest, watch }, limit).then(
    (isKnown) => isKnown || turnAway(CLOSE.unknownItem, 'no such item'),
    (error: unknown) => {
      onError(error);
      turnAway(CLOSE.tryLater, 'try again later');
    },
  );
  return { drained: () => catchUp(room, viewer), left };
}

/** Sends a skipped viewer the newest event as soon as its socket can take it. */
function catchUp({ audience, frames, ...room }: Room, viewer: Viewer): void {
  viewer.isQueued = false;
  const item = room.item();
  if (item === null) return;
  audience.show(viewer, frames.broadcast(item, room.sentSeq()));
}

/**
 * Once per second: closes stuck viewers, and sends a room its number of watchers when it has
 * changed.
 */
function createHousekeeping({ byItem }: Rooms, { wire, clock }: HubParts) {
  const shown = new WeakMap<Room, number>();
  return () => {
    for (const [itemId, room] of byItem) {
      room.audience.closeStuck();
      const watchers = room.audience.viewers.size;
      // The snapshot already counts the first viewer of a room.
      if ((shown.get(room) ?? 1) === watchers) continue;
      shown.set(room, watchers);
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
