/** `gavel migrate` as seed 001 walks, and what it asks before data goes. */
import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { SQL } from 'bun';
import { direct, migrateUp, newDatabase, SERVERS_START_MS } from '../support/postgres-store.ts';
import { type CommandResult, GAVEL, loadCatalog, openFolder, runGavel } from '../support/server.ts';

const TEST_MS = 40_000;
const CATALOG = {
  supplies: { s: ['a', 'b'] },
  bidders: { a: { country: 'US' }, b: {} },
};
const LOSS =
  /^error: this undoes \d{14}-catalog and loses its rows \(1 of supply, 2 of bidder, 2 of supply_bidder\): say --yes if that may go\n$/;

type House = AsyncDisposable & {
  readonly dataDir: string;
  migrate(...words: string[]): Promise<CommandResult>;
};

async function openHouse(): Promise<House> {
  const folder = await openFolder();
  const dataDir = folder.path;
  return {
    dataDir,
    migrate: (...words) => runGavel(['migrate', ...words], { dataDir }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test(
  'walks by the words of seed 001',
  async () => {
    await using house = await openHouse();
    const done = async (...words: string[]) => {
      const { code, out, err } = await house.migrate(...words);
      expect({ words, code, err }).toEqual({ words, code: 0, err: '' });
      return out.split('\n')[0];
    };
    expect(await done('up', '+1')).toMatch(/^up +\d{14}-catalog$/);
    expect(await done('down', '-1', '--yes')).toMatch(/^down +\d{14}-catalog$/);
    expect(await done('up', '1')).toMatch(/^up /);
    expect(await done('down', '-2', '--yes')).toMatch(/^down /);
    expect(await done('to', 'head')).toMatch(/^up /);
    expect(await done('to', '-1', '--yes')).toMatch(/^down /);
    expect(await done('to', '+1')).toMatch(/^up /);
    expect(await done('down', 'base', '--yes')).toMatch(/^down /);
    expect(await done('up', 'head')).toMatch(/^up /);
    const current = await done('current');
    expect(await done('down', `${current}`, '--yes')).toStartWith('Nothing to do');
    expect((await house.migrate('up', 'base')).err).toContain('use `migrate down`');
  },
  TEST_MS,
);

test(
  'loses no row without a word, and names what would go',
  async () => {
    await using house = await openHouse();
    await loadCatalog(house.dataDir, CATALOG);
    for (const words of [['down'], ['down', '-1'], ['to', 'base'], ['to', '-1']]) {
      const { code, out, err } = await house.migrate(...words);
      expect({ words, code, out }).toEqual({ words, code: 1, out: '' });
      expect(err).toMatch(LOSS);
    }
    expect((await house.migrate('current')).out).not.toBe('base\n');
    expect((await house.migrate('down', '--yes')).code).toBe(0);
    // At base nothing is left that could be lost.
    expect((await house.migrate('down')).code).toBe(0);
  },
  TEST_MS,
);

test.each([
  ['no', { code: 1, said: /nothing was done/, current: /-catalog\n$/ }],
  ['yes', { code: 0, said: /Done: the tables are at base/, current: /^base\n$/ }],
])(
  'asks on a terminal, and takes %s for an answer',
  async (answer, { code, said, current }) => {
    await using house = await openHouse();
    await loadCatalog(house.dataDir, CATALOG);
    let shown = '';
    const child = Bun.spawn([process.execPath, GAVEL, 'migrate', 'down'], {
      env: { DATA_DIR: house.dataDir, TERM: 'dumb' },
      terminal: {
        data(terminal, bytes) {
          const before = shown;
          shown += new TextDecoder().decode(bytes);
          if (shown.includes('[y/N]') && !before.includes('[y/N]')) terminal.write(`${answer}\r`);
        },
      },
    });
    expect(await child.exited).toBe(code);
    expect(shown).toContain('2 of bidder');
    expect(shown).toMatch(said);
    expect((await house.migrate('current')).out).toMatch(current);
  },
  TEST_MS,
);

test(
  'tables of a newer version refuse every start, which names them',
  async () => {
    await using house = await openHouse();
    await loadCatalog(house.dataDir, CATALOG);
    const database = new Database(join(house.dataDir, 'gavel.db'));
    database.run(`insert into kysely_migration values ('29990101000000-later', '2999-01-01')`);
    database.close();
    const sentence =
      /^error: the tables are at revision 29990101000000-later, which this version of Gavel does not have: its newest is \d{14}-catalog\n$/;
    const settings = { SERVER_ADDR: '127.0.0.1:0' };
    for (const words of [['serve'], ['load-data'], ['migrate', 'up'], ['migrate', 'down', '-y']]) {
      const { code, err } = await runGavel(
        words[0] === 'load-data' ? [...words, '-i', join(house.dataDir, 'catalog.json')] : words,
        { dataDir: house.dataDir, settings },
      );
      expect({ words, code }).toEqual({ words, code: 1 });
      expect(err).toMatch(sentence);
    }
    expect((await house.migrate('history')).out).toContain('its file is missing  (current)');
  },
  TEST_MS,
);

test.each(['all', 'archiver'])(
  'a node of role %s refuses a PostgreSQL of a newer version',
  async (role) => {
    await using folder = await openFolder();
    const url = await direct(await newDatabase());
    await migrateUp(url);
    {
      await using client = new SQL(url);
      await client`insert into kysely_migration values ('29990101000000-later', '2999-01-01')`;
    }
    const away = '127.0.0.1:1';
    const shared = role === 'all' ? {} : { REDIS_ADDR: away, NATS_URL: `nats://${away}` };
    const { code, err } = await runGavel(['serve', '--role', role], {
      dataDir: folder.path,
      settings: { SERVER_ADDR: '127.0.0.1:0', POSTGRES_URL: url, ...shared },
    });
    expect(code).toBe(1);
    expect(err).toMatch(/^error: the tables are at revision 29990101000000-later, .*\n$/);
  },
  SERVERS_START_MS,
);
