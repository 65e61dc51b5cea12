import { Type } from '@sinclair/typebox';
import { Timestamp } from './common.ts';

export const Health = Type.Object(
  {
    status: Type.Union([
      Type.Literal('healthy'),
      Type.Literal('degraded'),
      Type.Literal('unavailable'),
    ]),
    service: Type.String(),
    timestamp: Timestamp,
    time: Timestamp,
  },
  { title: 'Health' },
);
