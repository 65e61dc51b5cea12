import { Type } from '@sinclair/typebox';
import { Count, Timestamp } from '../http/schema.ts';

/** The frame that opens a watch; the ones that follow are told in the route's description. */
export const SnapshotFrame = Type.Object(
  {
    type: Type.Literal('snapshot'),
    item_id: Type.String(),
    seq: Count,
    epoch: Type.String(),
    server_time: Timestamp,
    watchers: Count,
    recovered: Type.Optional(Type.Literal(false)),
    item: Type.Object({}, { additionalProperties: true }),
  },
  { title: 'SnapshotFrame' },
);
