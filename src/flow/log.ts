/**
 * Events in the order they happened, kept until they are safe elsewhere: every flow starts here.
 *
 * `read` returns the oldest events that this reader has not read yet, and waits up to `waitMs` when
 * there are none. Positions rise, with gaps allowed. `ack` marks all events up to a position as
 * safe elsewhere: only then may they be trimmed. After a crash, unacked events are read again. One
 * reader per name reads at a time: another waits until it is gone. Not promised: a bound on the
 * backlog; each writer decides what happens at its bound (a book refuses to decide, a spool drops
 * its oldest events).
 */
export type LogEntry<Event> = { readonly position: number; readonly event: Event };

export type LogRead = { readonly limit: number; readonly waitMs: number };

export type Log<Event> = {
  read(wanted: LogRead): Promise<readonly LogEntry<Event>[]>;
  ack(position: number): Promise<void>;
  /** How many events are not acked, and when the oldest of them happened. */
  backlog(): Promise<{ readonly events: number; readonly oldestAtMs: number | null }>;
};
