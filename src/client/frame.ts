/** The frames of `/ws`: the parts of them that the client reads. */
export type ItemFrame = {
  readonly seq: number;
  readonly epoch: string;
  readonly [field: string]: unknown;
};

/** `item` is the item as `GET /api/v1/items/{id}` shows it. */
export type SnapshotFrame = ItemFrame & {
  readonly type: 'snapshot';
  readonly watchers: number;
  readonly server_time: string;
  readonly item: Readonly<Record<string, unknown>>;
};

export type EventFrame = ItemFrame & {
  readonly type: 'bid' | 'retract' | 'close';
  readonly event_id: string;
};

export type Frame =
  | (SnapshotFrame & { readonly recovered?: false })
  | EventFrame
  | (ItemFrame & {
      readonly type: 'events';
      readonly events: readonly EventFrame[];
      readonly recovered?: boolean;
    })
  | { readonly type: 'watchers'; readonly watchers: number }
  | { readonly type: 'reconnect'; readonly after_ms: number }
  | { readonly type: 'pong' };

/** @returns undefined for an unknown frame: a newer server may send other kinds. */
export function readFrame(data: unknown): Frame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === 'object' && frame !== null ? (frame as Frame) : undefined;
  } catch {
    return undefined;
  }
}
