/** The interface between the hub and a viewer's socket, free of their technology. */
import type { Micros } from '../../core/money.ts';
import type { EventView, ItemView, Looker } from '../rule/view.ts';

/** `sent`: on its way; `queued`: accepted, but buffered in memory; `dropped`: not accepted. */
export type SendStatus = 'sent' | 'queued' | 'dropped';

export type ViewerSocket = {
  send(text: string): SendStatus;
  bufferedBytes(): number;
  close(code: number, reason: string): void;
};

/** A viewer's request. `resume` names the last event that it saw. */
export type Watch = {
  readonly itemId: string;
  readonly resume: { readonly since: number; readonly epoch: string } | null;
  /** The bidder whose own id is not masked. */
  readonly looker: Looker;
  /** `all` gets every event, `latest` only the newest of each tick. */
  readonly mode: 'all' | 'latest';
};

/** Serializes frames. An event is serialized once and kept; `event` omits the server's time. */
export type Wire = {
  event(view: EventView, beside: { nextMicros: Micros | null; currency: string }): string;
  single(event: string, serverTimeMs: number): string;
  several(frame: {
    readonly events: readonly string[];
    /** Of the last event in it, or of the viewer's last when it is empty. */
    readonly seq: number;
    readonly epoch: string;
    readonly serverTimeMs: number;
    /** Null when it follows the viewer's last event; else whether it has all missed events. */
    readonly recovered: boolean | null;
  }): string;
  snapshot(frame: {
    readonly view: ItemView;
    readonly watchers: number;
    readonly serverTimeMs: number;
    readonly recovered: false | null;
  }): string;
  watchers(frame: { itemId: string; watchers: number; serverTimeMs: number }): string;
  reconnect(frame: { afterMs: number; serverTimeMs: number }): string;
};

/** Codes that the hub closes with; 4000 and above are Gavel's own. */
export const CLOSE = {
  restart: 1012,
  tryLater: 1013,
  unknownItem: 4004,
  stuck: 4008,
} as const;
