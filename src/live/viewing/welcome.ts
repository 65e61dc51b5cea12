/**
 * A viewer's first frame: the events it missed since its last visit, or the current item, also when
 * the archive cannot be read.
 *
 * From then on it is in step with the room: it misses no event and gets none twice.
 */
import type { ItemState } from '../rule/item.ts';
import type { Written } from './frames.ts';
import type { ViewingLimit } from './limit.ts';
import type { Room } from './room.ts';
import type { Guest } from './rooms.ts';
import type { Watch } from './viewer.ts';

const SNAPSHOT_TRIES = 3;

export type WelcomeLimit = Pick<ViewingLimit, 'resumeEvents'>;
type Newcomer = Guest & { readonly watch: Watch };

/** @returns whether there is such an item. */
export async function welcome(guest: Newcomer, limit: WelcomeLimit): Promise<boolean> {
  const { room, watch } = guest;
  const { resume } = watch;
  if (room.item() === null) {
    const state = await room.read();
    if (state === null) return false;
    if (resume === null && shownAt(guest, state, null)) return true;
  }
  if (resume !== null && (await resumed(guest, resume, limit))) return true;
  return await shown(guest, resume === null ? null : false);
}

type Resume = NonNullable<Watch['resume']>;

async function resumed(guest: Newcomer, resume: Resume, limit: WelcomeLimit): Promise<boolean> {
  const { room } = guest;
  const item = room.item();
  if (item === null || item.epoch !== resume.epoch) return false;
  if (resume.since > room.recent.head()) return await resumedAhead(guest, resume);
  if (resumedFromMemory(guest, { resume, older: [] })) return true;
  const older = await readArchive(guest.room, resume, limit);
  return older !== null && resumedFromMemory(guest, { resume, older });
}

/** A viewer can be ahead of the bus, but not of the book. */
async function resumedAhead(guest: Newcomer, resume: Resume): Promise<boolean> {
  const state = await guest.room.read();
  if (state === null || state.epoch !== resume.epoch || state.seq < resume.since) return false;
  return resumedFromMemory(guest, { resume, older: [] });
}

/** @returns null when the history cannot be read: it then counts as lost. */
async function readArchive(
  { history, frames, item }: Room,
  { since, epoch }: Resume,
  { resumeEvents }: WelcomeLimit,
): Promise<readonly Written[] | null> {
  const events = await history({ epoch, afterSeq: since, limit: resumeEvents });
  const state = item();
  if (events === null || state === null) return null;
  return events.map((event) => frames.written(event, state));
}

/** @param older the events after `since` that the archive had. */
function resumedFromMemory(
  { room, viewer }: Guest,
  { resume, older }: { resume: Resume; older: readonly Written[] },
): boolean {
  const { recent, frames } = room;
  if (room.item()?.epoch !== resume.epoch) return false;
  const from = resume.since + older.length;
  const newer = recent.after(from, room.sentSeq());
  if (newer === undefined) return false;
  const seq = from + newer.length;
  const at = { seq, epoch: resume.epoch, looker: viewer.looker };
  const text = frames.jump([...older, ...newer], { ...at, recovered: true });
  room.audience.send(viewer, text, seq);
  return true;
}

async function shown(guest: Newcomer, recovered: false | null): Promise<boolean> {
  for (let tries = 0; tries < SNAPSHOT_TRIES; tries++) {
    const state = await guest.room.read();
    if (state === null) return false;
    if (shownAt(guest, state, recovered)) break;
  }
  return true;
}

/** @returns whether the events that the room has sent since `state` were still in memory. */
function shownAt({ room, viewer }: Guest, state: ItemState, recovered: false | null): boolean {
  const { audience, recent, frames } = room;
  const events = recent.after(state.seq, room.sentSeq());
  if (events === undefined || room.item()?.epoch !== state.epoch) return false;
  const { looker } = viewer;
  audience.send(viewer, frames.snapshots(state, recovered)(looker), state.seq);
  if (events.length > 0 && viewer.lastSeq !== null) {
    const seq = state.seq + events.length;
    audience.send(viewer, frames.following(events, { seq, epoch: state.epoch, looker }), seq);
  }
  return true;
}
