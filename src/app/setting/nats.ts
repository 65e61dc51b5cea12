/** Settings of the NATS that carries events between nodes. */
import { urls } from './kind.ts';
import { noFaults, section, setting, type ValuesOf } from './section.ts';

export const natsSection = section({
  title: 'NATS',
  rows: {
    natsUrl: setting({
      variable: 'NATS_URL',
      purpose: 'the NATS that carries events; without it this process does',
      isSecret: true,
      ...urls(['nats:', 'tls:']),
    }),
  },
  faults: noFaults,
});

export type NatsConfig = ValuesOf<typeof natsSection.rows>;
