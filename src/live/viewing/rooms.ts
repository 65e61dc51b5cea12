/** The rooms of all watched items: one opens with its first viewer and ends with its last. */
import type { ItemEvent } from '../rule/item.ts';
import type { Viewer } from './audience.ts';
import { createRoom, type Room, type RoomParts } from './room.ts';

export type Guest = { readonly room: Room; readonly viewer: Viewer };

export type Rooms = {
  readonly byItem: ReadonlyMap<string, Room>;
  /** @returns null when the room is full, or there are too many rooms to open another. */
  open(itemId: string): Room | null;
  leave(itemId: string, guest: Guest): void;
  take(events: readonly ItemEvent[]): void;
  viewers(): Viewer[];
  end(): void;
};

export function createRooms(parts: RoomParts): Rooms {
  const { limit } = parts;
  const rooms = new Map<string, Room>();

  function open(itemId: string): Room | null {
    const found = rooms.get(itemId);
    if (found !== undefined) return found.audience.viewers.size < limit.roomViewers ? found : null;
    if (rooms.size >= limit.rooms) return null;
    const room = createRoom(itemId, parts);
    rooms.set(itemId, room);
    return room;
  }

  function leave(itemId: string, { room, viewer }: Guest): void {
    room.audience.remove(viewer);
    if (room.audience.viewers.size > 0 || rooms.get(itemId) !== room) return;
    rooms.delete(itemId);
    room.end();
  }

  function take(events: readonly ItemEvent[]): void {
    const watched = events.filter(({ itemId }) => rooms.has(itemId));
    for (const [itemId, ofItem] of Map.groupBy(watched, (event) => event.itemId)) {
      rooms.get(itemId)?.take(ofItem);
    }
  }

  return {
    byItem: rooms,
    open,
    leave,
    take,
    viewers: () => Array.from(rooms.values()).flatMap((room) => Array.from(room.audience.viewers)),
    end() {
      for (const room of rooms.values()) room.end();
    },
  };
}
