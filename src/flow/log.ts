/**
 * Events in the order in which they happened, kept until they are safe elsewhere: where every flow begins.
 *
 * `read` gives the oldest events that this reader has not been given, and waits up to `waitMs` when there
 * are none. Positions rise, with gaps allowed. `ack` says that all up to a position are safe elsewhere:
 * only then may they be trimmed. After a crash, what was not acked is given again. One reader of a name
 * at a time is given events: another waits until it is gone. Not promised: a bound on the backlog; what
 * happens at its bound is the writer's (a book refuses to decide, a spool drops its oldest events).
 */
export type LogEntry<Event> = { readonly position: number; readonly event: Event };

export type LogRead = { readonly limit: number; readonly waitMs: number };

export type Log<Event> = {
  read(wanted: LogRead): Promise<readonly LogEntry<Event>[]>;
  ack(position: number): Promise<void>;
  /** Events not acked yet, and when the oldest of them happened. */
  backlog(): Promise<{ readonly events: number; readonly oldestAtMs: number | null }>;
};
