/** The bounds of a hub: neither one viewer nor many can use up its memory or time. */
export type ViewingLimit = {
  /** Items that are watched at a time, and viewers of one of them. */
  readonly rooms: number;
  readonly roomViewers: number;
  /** Newest events of a watched item kept in memory; most events per resume. */
  readonly roomEvents: number;
  readonly resumeEvents: number;
  /** Events per frame: more are sent before their tick. */
  readonly frameEvents: number;
  /** Buffered bytes beyond which a viewer is skipped to the newest event. */
  readonly viewerBufferedBytes: number;
  /** How long a viewer may be skipped before it is closed. */
  readonly viewerStuckMs: number;
};

export const VIEWING_LIMIT: ViewingLimit = {
  rooms: 100_000,
  roomViewers: 100_000,
  roomEvents: 1_024,
  resumeEvents: 1_024,
  frameEvents: 256,
  viewerBufferedBytes: 256 * 1024,
  viewerStuckMs: 10_000,
};
