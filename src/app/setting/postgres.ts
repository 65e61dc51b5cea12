/** Settings of the PostgreSQL that keeps the catalogue and the archives. */
import { url } from './kind.ts';
import { section, sentencesOf, setting, type ValuesOf } from './section.ts';

export const postgresSection = section({
  title: 'PostgreSQL',
  rows: {
    postgresUrl: setting({
      variable: 'POSTGRES_URL',
      purpose: 'the PostgreSQL of catalogue and archive; without it SQLite is',
      isSecret: true,
      ...url(['postgres:', 'postgresql:']),
    }),
    postgresReplicaUrl: setting({
      variable: 'POSTGRES_REPLICA_URL',
      purpose: 'a replica that history and statistics are read from',
      isSecret: true,
      ...url(['postgres:', 'postgresql:']),
    }),
  },
  faults: ({ postgresUrl, postgresReplicaUrl }) =>
    sentencesOf([
      [
        postgresUrl === '' && postgresReplicaUrl !== '',
        'POSTGRES_REPLICA_URL: a replica of nothing without POSTGRES_URL',
      ],
    ]),
});

export type PostgresConfig = ValuesOf<typeof postgresSection.rows>;
