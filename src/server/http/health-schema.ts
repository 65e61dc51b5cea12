import { Type } from '@sinclair/typebox';
import { Timestamp } from './schema.ts';

export const Health = Type.Object(
  {
    status: Type.Union([Type.Literal('healthy'), Type.Literal('degraded')]),
    service: Type.String(),
    timestamp: Timestamp,
    time: Timestamp,
    degraded: Type.Optional(
      Type.Array(Type.String(), { description: 'parts that are away; what needs none goes on' }),
    ),
    dead_letters: Type.Optional(
      Type.Integer({ minimum: 1, description: 'events that were put aside: they fit no store' }),
    ),
  },
  { title: 'Health' },
);
