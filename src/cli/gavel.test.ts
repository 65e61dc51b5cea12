import { describe, expect, test } from 'bun:test';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { openCatalog } from '../app/node/store/catalog-store.ts';
import { describeConfig } from '../app/setting/config.ts';

const SOURCE = dirname(import.meta.dirname);
const KEY = 'an-admin-key-of-20ch';

type Result = { readonly code: number; readonly out: string; readonly err: string };
type House = AsyncDisposable & {
  readonly folder: string;
  run(...words: string[]): Promise<Result>;
};

async function openHouse(
  source: string = SOURCE,
  settings: Readonly<Record<string, string>> = {},
): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'gavel-cli-'));
  return {
    folder,
    async run(...words) {
      const child = Bun.spawn([process.execPath, join(source, 'cli/gavel.ts'), ...words], {
        cwd: folder,
        env: { DATA_DIR: './store', ...settings },
        stdout: 'pipe',
        stderr: 'pipe',
      });
      const [out, err, code] = await Promise.all([
        child.stdout.text(),
        child.stderr.text(),
        child.exited,
      ]);
      return { code, out, err };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function loadFrom(house: House) {
  await using catalog = await openCatalog({
    dataDir: join(house.folder, 'store'),
    postgresUrl: '',
    postgresReplicaUrl: '',
  });
  return await catalog.load();
}

describe('gavel', () => {
  test('tells a newcomer its commands and examples', async () => {
    await using house = await openHouse();
    const { code, out } = await house.run('--help');
    expect(code).toBe(0);
    for (const word of ['generate-input-json', 'load-data', 'migrate', 'Examples:', 'DATA_DIR']) {
      expect(out).toContain(word);
    }
  });

  test.each([
    [['nonsense'], "unknown command 'nonsense' (see gavel --help)"],
    [['generate-input-json', '-s', '21'], 'a whole number from 1 to 20'],
    [['generate-input-json', '-b', '0'], 'a whole number from 1 to 20'],
    [['generate-input-json', '-b', '1.5'], 'a whole number from 1 to 20'],
    [['generate-input-json', '--seed', 'x'], 'a whole number from 0 to 4294967295'],
    [['load-data', '--nonsense', 'x'], "unknown option '--nonsense' (see gavel --help)"],
    [['migrate', 'down', '0'], 'a whole number from 1'],
    [['migrate', 'to', 'nowhere'], 'there is no revision "nowhere"'],
    [['migrate', 'up', '-1'], 'a whole number from 1, such as 1 or +1'],
    [['migrate', 'down', '+1'], 'a whole number from 1, such as 1 or -1'],
    [['sevre'], "unknown command 'sevre' (Did you mean serve?)"],
    [['migrate', 'dwon'], "unknown command 'dwon' (Did you mean down?)"],
    [['migrate', 'create'], '-m, --message'],
    [['serve', '--role', 'nobody'], 'all, api, broadcast, archiver, closer, relay'],
    [['serve', '--workers', 'many'], 'auto or a whole number from 1 to 256'],
  ])('refuses %p in one sentence', async (words, sentence) => {
    await using house = await openHouse();
    const { code, err } = await house.run(...words);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});

test.each(['--version', '-V'])('gavel %s prints the version of the package', async (option) => {
  await using house = await openHouse();
  expect(await house.run(option)).toEqual({ code: 0, out: `${packageJson.version}\n`, err: '' });
});

describe('gavel serve', () => {
  test.each([
    ['--role', 'api'],
    ['--workers', '2'],
  ])('with %s %s says what nodes need to share their work', async (option, value) => {
    await using house = await openHouse();
    const { code, err } = await house.run('serve', option, value);
    expect(code).toBe(1);
    expect(err.trim()).toBe(
      `error: ${option} ${value} shares its work with other processes: ` +
        'set REDIS_ADDR, NATS_URL, POSTGRES_URL',
    );
  });

  const misspelt = { REDIS_ADR: 'hunter2' };

  test.each([
    ['--role', 'api'],
    ['--workers', '2'],
  ])('with %s %s first warns once of a misspelt setting', async (option, value) => {
    await using house = await openHouse(SOURCE, misspelt);
    const { code, out } = await house.run('serve', option, value);
    expect(code).toBe(1);
    const lines = out
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toMatchObject([
      { level: 40, msg: 'No setting has this name: REDIS_ADR (is REDIS_ADDR meant?)' },
    ]);
    expect(out).not.toContain('hunter2');
  });

  test('a worker leaves that warning to its parent', async () => {
    await using house = await openHouse(SOURCE, { ...misspelt, GAVEL_WORKER: '1/2' });
    const { code, out, err } = await house.run('serve', '--role', 'api');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('shares its work');
  });
});

describe('gavel config', () => {
  test('prints a line per setting under the title of its section', async () => {
    await using house = await openHouse(SOURCE, { SEED: '7', LOG_LEVEL: '', ADMIN_KEY: KEY });
    const { code, out, err } = await house.run('config');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const sections = out.split('\n\n').map((section) => section.split('\n'));
    const titles = ['Node', 'Exchange', 'Live items', 'Identity', 'Redis', 'NATS', 'PostgreSQL'];
    expect(sections.map(([title]) => title)).toEqual(titles.map((title) => `# ${title}`));
    expect(sections[0]).toContainEqual(expect.stringMatching(/^LOG_LEVEL=info +# .* \(default\)$/));
    expect(sections[1]).toContainEqual(expect.stringMatching(/^SEED=7 +# .* \(environment\)$/));
    expect(sections[3]).toContainEqual(expect.stringMatching(/^ADMIN_KEY=\*{3} +# /));
    expect(out).not.toContain(KEY);
  });

  test('--json prints the same for a program', async () => {
    await using house = await openHouse(SOURCE, { ADMIN_KEY: KEY, REDIS_PORT: '' });
    const { code, out, err } = await house.run('config', '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toContain(KEY);
    const lines: unknown[] = JSON.parse(out);
    expect(lines).toEqual(describeConfig({ DATA_DIR: './store', ADMIN_KEY: KEY }));
    expect(lines).toContainEqual({
      variable: 'ADMIN_KEY',
      value: '***',
      source: 'environment',
      default: '',
      allowed: 'at least 16 characters without spaces, or empty',
      purpose: 'opens the admin routes; without it they are shut',
      section: 'Identity',
      secret: true,
    });
  });

  const forms = [[['config']], [['config', '--json']]];

  test.each(forms)('%p notes a misspelt setting beside its output', async (words) => {
    await using house = await openHouse(SOURCE, { RATE_LIMIT_MAX_REQUEST: '5' });
    const { code, out, err } = await house.run(...words);
    expect(code).toBe(0);
    expect(out).not.toMatch(/RATE_LIMIT_MAX_REQUEST\b/);
    expect(err).toBe(
      'note: No setting has this name: RATE_LIMIT_MAX_REQUEST (is RATE_LIMIT_MAX_REQUESTS meant?)\n',
    );
  });

  test.each(forms)('%p refuses a bad value and prints no settings', async (words) => {
    await using house = await openHouse(SOURCE, { SEED: 'x' });
    const { code, out, err } = await house.run(...words);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toStartWith('error: These settings cannot be used:\n  SEED="x": ');
  });
});

describe('gavel generate-input-json', () => {
  test('writes data.json with 10 supplies and 12 bidders', async () => {
    await using house = await openHouse();
    expect(await house.run('generate-input-json')).toMatchObject({ code: 0, err: '' });
    const file = JSON.parse(await readFile(join(house.folder, 'data.json'), 'utf8'));
    expect(Object.keys(file.supplies)).toHaveLength(10);
    expect(Object.keys(file.bidders)).toHaveLength(12);
  });

  test('writes another file with other counts, the same under the same seed', async () => {
    await using house = await openHouse();
    for (const name of ['a.json', 'b.json']) {
      const { out } = await house.run(
        ...['generate-input-json', '-o', name, '-s', '20', '-b', '1', '--seed', '7'],
      );
      expect(out).toBe(`Wrote ${name}: 20 supplies, 1 bidders (seed 7).\n`);
    }
    const read = (name: string) => readFile(join(house.folder, name), 'utf8');
    expect(await read('a.json')).toBe(await read('b.json'));
  });

  test('tells why it could not write', async () => {
    await using house = await openHouse();
    const { code, err } = await house.run('generate-input-json', '-o', 'no/such/folder.json');
    expect(code).toBe(1);
    expect(err).toStartWith('error: cannot write no/such/folder.json: ENOENT');
  });
});

describe('gavel load-data', () => {
  test('makes the store, loads the file and tells what it loaded', async () => {
    await using house = await openHouse();
    await house.run('generate-input-json');
    const { code, out } = await house.run('load-data');
    expect(code).toBe(0);
    expect(out).toMatch(/^Loading data.json: 10 supplies, 12 bidders, \d+ pairs \.\.\.\n/);
    expect(out).toEndWith('Loaded as version 1.\n');
    expect(await loadFrom(house)).toMatchObject({ version: 1, supplies: { length: 10 } });
  });

  test('refuses a bad file with every fault, and the old version stays', async () => {
    await using house = await openHouse();
    await house.run('generate-input-json');
    await house.run('load-data');
    const before = await loadFrom(house);
    const bad = '{"supplies":{"s":["x"]},"bidders":{"b":{"country":"Mars"}}}';
    await writeFile(join(house.folder, 'bad.json'), bad);
    const { code, out, err } = await house.run('load-data', '--input', 'bad.json');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(
      'error: bad.json is refused, the catalogue stays as it was:\n' +
        '  bidders.b.country: must be a country as two letters such as "US", or null for every country\n' +
        '  supplies.s[0]: unknown bidder "x"\n',
    );
    expect(await loadFrom(house)).toEqual(before);
  });

  test('tells of a file that is not there', async () => {
    await using house = await openHouse();
    const { code, err } = await house.run('load-data');
    expect(code).toBe(1);
    expect(err).toStartWith('error: cannot read data.json: ENOENT');
  });
});

describe('gavel migrate', () => {
  test('walks to the newest revision, down to base and back', async () => {
    await using house = await openHouse();
    const run = async (...words: string[]) => (await house.run('migrate', ...words)).out;
    expect(await run('current')).toBe('base\n');
    expect(await run('history')).toMatch(
      /^base +no tables +\(current\)\n\d{14}-catalog +pending\n/,
    );
    expect(await run('up')).toMatch(/^up +\d{14}-catalog\n/);
    expect(await run('up', '1')).toStartWith('Nothing to do: the tables are at ');
    const name = (await run('current')).trim();
    expect(await run('history')).toEndWith('(current)\n');
    expect(await run('to', 'base', '--yes')).toEndWith('Done: the tables are at base.\n');
    expect(await run('to', name)).toEndWith(`Done: the tables are at ${name}.\n`);
    for (let steps = 0; (await run('current')) !== 'base\n' && steps < 100; steps++) {
      expect(await run('down', '-y')).toStartWith('down');
    }
  });

  test('creates a dated migration in the history, which the next walk applies', async () => {
    // In a copy, so that the tests beside this one do not meet the new file.
    await using copy = await openHouse();
    const source = join(copy.folder, 'src');
    await cp(SOURCE, source, { recursive: true });
    await cp(join(SOURCE, '../package.json'), join(copy.folder, 'package.json'));
    await symlink(join(SOURCE, '../node_modules'), join(copy.folder, 'node_modules'));
    await using house = await openHouse(source);
    const { out } = await house.run('migrate', 'create', '-m', 'Add a budget');
    expect(relative(source, out.trim())).toMatch(
      /^driver\/sql\/migration\/\d{14}-add-a-budget\.ts$/,
    );
    const text = await readFile(out.trim(), 'utf8');
    expect(text).toContain('export async function up(');
    expect(text).toContain('export async function down(');
    await house.run('migrate', 'up');
    expect((await house.run('migrate', 'current')).out).toMatch(/^\d{14}-add-a-budget\n$/);
  });
});
