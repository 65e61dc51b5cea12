/**
 * One violation per wall of the house, and a lawful neighbour of each.
 *
 * `refused` is put into a file of `folder`, and `rule` must report it with `message` in its text;
 * `lawful` is put into the same folder, and no rule may report it.
 */
export type Wall = {
  readonly wall: string;
  readonly folder: string;
  readonly refused: string;
  readonly rule: string;
  readonly message: string;
  readonly lawful: string;
};

const IMPORTS = 'lint/style/noRestrictedImports';
const GLOBALS = 'lint/style/noRestrictedGlobals';
const PROPERTIES = 'lint/nursery/noJsRestrictedProperties';

function take(path: string): string {
  return `import { planted } from '${path}';\nexport const kept = planted;\n`;
}

function use(expression: string): string {
  return `export function planted(): unknown {\n  return ${expression};\n}\n`;
}

function importWall(folder: string, refused: string, lawful: string): Wall {
  const parts = folder.split('/');
  const room = ['rule', 'port'].find((name) => parts.at(-1) === name) ?? parts[1] ?? '';
  return {
    wall: `${folder} does not import ${refused}`,
    folder,
    refused: take(refused),
    rule: IMPORTS,
    message: `Wall of ${room}`,
    lawful: take(lawful),
  };
}

function globalWalls(folder: string, names: readonly string[], lawful: string): Wall[] {
  return names.map((name) => ({
    wall: `${folder} does not use ${name}`,
    folder,
    refused: use(`String(${name})`),
    rule: GLOBALS,
    message: `global variable ${name}`,
    lawful: use(lawful),
  }));
}

function propertyWall(folder: string, refused: string, lawful: string): Wall {
  return {
    wall: `${folder} does not use ${refused}`,
    folder,
    refused: use(refused),
    rule: PROPERTIES,
    message: refused,
    lawful: use(lawful),
  };
}

function environmentWall(folder: string): Wall[] {
  return [
    {
      wall: `${folder} does not read process.env`,
      folder,
      refused: use("process.env['PORT']"),
      rule: 'lint/style/noProcessEnv',
      message: 'process.env',
      lawful: use('process.pid'),
    },
    {
      wall: `${folder} does not import env from bun`,
      folder,
      refused: "import { env } from 'bun';\nexport const kept = env;\n",
      rule: IMPORTS,
      message: 'Only src/app reads the environment',
      lawful: "import { serve } from 'bun';\nexport const kept = serve;\n",
    },
    {
      wall: `${folder} does not import node:process`,
      folder,
      refused: "import { env } from 'node:process';\nexport const kept = env;\n",
      rule: IMPORTS,
      message: 'Only src/app reads the environment',
      lawful: take('node:path'),
    },
    propertyWall(folder, 'Bun.env', 'Bun.version'),
  ];
}

const CORE = [
  importWall('src/core', '../exchange/rule/supply.ts', './money.ts'),
  importWall('src/core', '../flow/bus.ts', './clock.ts'),
  importWall('src/core', './../app/setting/config.ts', './id.ts'),
  importWall('src/core', 'kysely', './limit.ts'),
  importWall('src/core', 'node:fs', './random.ts'),
  importWall('src/core', 'bun:sqlite', './deadline.ts'),
];

const FLOW = [
  importWall('src/flow', '../live/rule/item.ts', './bus.ts'),
  importWall('src/flow', '../exchange/exchange.ts', '../core/loop.ts'),
  importWall('src/flow', '../driver/nats/bus.ts', '../core/timer.ts'),
  importWall('src/flow', '../server/port/rate-limiter.ts', '../core/clock.ts'),
  importWall('src/flow', 'kysely', './log.ts'),
  importWall('src/flow', 'node:fs', '../core/limit.ts'),
];

const RULE = [
  importWall('src/exchange/rule', '../exchange.ts', './supply.ts'),
  importWall('src/exchange/rule', '../../live/rule/bid.ts', '../../core/money.ts'),
  importWall('src/exchange/rule', '../port/catalog.ts', '../../core/random.ts'),
  importWall('src/exchange/rule', '../../flow/bus.ts', '../../core/id.ts'),
  importWall('src/exchange/rule', 'node:crypto', './rank.ts'),
  importWall('src/live/rule', '../../exchange/rule/clear.ts', './increment.ts'),
  importWall('src/live/rule', 'kysely', '../../core/limit.ts'),
];

const PORT = [
  importWall('src/exchange/port', '../exchange.ts', '../rule/supply.ts'),
  importWall('src/exchange/port', '../../live/rule/item.ts', './spool.ts'),
  importWall('src/exchange/port', '../../driver/sqlite/catalog.ts', './demand.ts'),
  importWall('src/exchange/port', '../../app/setting/config.ts', '../../core/deadline.ts'),
  importWall('src/exchange/port', 'kysely', './stats.ts'),
  importWall('src/live/port', '../live.ts', '../rule/item.ts'),
  importWall('src/live/port', '../viewing/hub.ts', '../../flow/bus.ts'),
  importWall('src/live/port', 'node:fs', '../../core/money.ts'),
  importWall('src/server/port', '../http/server.ts', './rate-limiter.ts'),
  importWall('src/server/port', 'bun:sqlite', '../../core/clock.ts'),
];

const FACE = [
  importWall('src/exchange', '../live/live.ts', './rule/clear.ts'),
  importWall('src/exchange', '../analytics/analytics.ts', '../core/money.ts'),
  importWall('src/exchange', '../driver/memory/rate-limiter.ts', './port/stats.ts'),
  importWall('src/exchange', '../server/port/rate-limiter.ts', './openrtb/request.ts'),
  importWall('src/exchange', '../app/node/compose.ts', '../flow/bus.ts'),
  importWall('src/exchange', '../cli/gavel.ts', './explain.ts'),
  importWall('src/exchange', '../client/client.ts', '../core/id.ts'),
  importWall('src/exchange', '@sinclair/typebox', '../core/random.ts'),
  importWall('src/exchange', 'bun', '../core/limit.ts'),
  importWall('src/exchange', 'node:fs', '../core/clock.ts'),
  importWall('src/exchange/openrtb', '../../live/rule/bid.ts', '../exchange.ts'),
  importWall('src/exchange/openrtb', '../../driver/http/demand.ts', '../port/demand.ts'),
  importWall('src/live', '../exchange/rule/clear.ts', './rule/item.ts'),
  importWall('src/live', '../driver/sqlite/item-book.ts', './port/item-book.ts'),
  importWall('src/live', 'kysely', '../core/id.ts'),
  importWall('src/live/viewing', '../../exchange/exchange.ts', '../port/item-archive.ts'),
  importWall('src/live/viewing', '../../server/live/sockets.ts', '../../flow/bus.ts'),
  importWall('src/analytics', 'kysely', '../core/id.ts'),
  importWall('src/analytics', '../live/live.ts', './report.ts'),
  importWall('src/analytics', '../driver/duckdb/warehouse.ts', './port/warehouse.ts'),
];

const DRIVER = [
  importWall('src/driver/memory', '../redis/line/connection.ts', './limit/hit-ring.ts'),
  importWall('src/driver/memory', '../sql/catalog.ts', '../../server/port/rate-limiter.ts'),
  importWall('src/driver/memory', '../../exchange/exchange.ts', '../../exchange/rule/supply.ts'),
  importWall('src/driver/memory', '../../server/http/server.ts', '../../core/clock.ts'),
  importWall('src/driver/memory', '../../app/setting/config.ts', 'kysely'),
  importWall('src/driver/memory', '../../cli/gavel.ts', 'bun:sqlite'),
  importWall('src/driver/memory/limit', '../../redis/line/connection.ts', '../rate-limiter.ts'),
  importWall('src/driver/memory/limit', '../../sql/catalog.ts', '../ring/hit-ring.ts'),
  importWall('src/driver/redis/book', '../../sqlite/item-book.ts', '../line/connection.ts'),
  importWall('src/driver/redis/book', '../../../live/live.ts', '../../../live/port/item-book.ts'),
  importWall(
    'src/driver/redis/book',
    '../../../server/live/item-json.ts',
    '../../../live/rule/item.ts',
  ),
  importWall('src/driver/redis/book', '../../../app/node/parts.ts', '../../../flow/bus.ts'),
  importWall('src/driver/sqlite', '../postgres/catalog.ts', '../sql/catalog.ts'),
  importWall('src/driver/sqlite', '../../live/live.ts', '../../live/rule/item.ts'),
  importWall('src/driver/sqlite', '../../exchange/exchange.ts', '../../exchange/port/catalog.ts'),
  importWall('src/driver/sqlite', '../../server/http/server.ts', '../../flow/bus.ts'),
  importWall('src/driver/postgres', '../sqlite/file/database.ts', '../sql/catalog.ts'),
  importWall('src/driver/sqlite/file', '../../redis/line/connection.ts', '../spool.ts'),
  importWall('src/driver/sqlite/file', '../../../app/setting/config.ts', '../../sql/catalog.ts'),
];

const OUTSIDE = [
  importWall('src/server', '../../exchange/explain.ts', './http/reply.ts'),
  importWall('src/server/exchange', '../../exchange/explain.ts', '../../exchange/exchange.ts'),
  importWall('src/server/exchange', '../../driver/sqlite/catalog.ts', '../http/reply.ts'),
  importWall('src/server/exchange', '../../cli/gavel.ts', '../../exchange/rule/supply.ts'),
  importWall('src/server/live', '../../live/closer.ts', '../../live/live.ts'),
  importWall('src/server/live', '../../live/viewing/hub.ts', '../../live/port/item-book.ts'),
  importWall('src/server/live', '../../analytics/report.ts', '../../analytics/analytics.ts'),
  importWall('src/server/live', '../../app/setting/config.ts', '@sinclair/typebox'),
  importWall('src/server/http', '../live/item-routes.ts', '../port/rate-limiter.ts'),
  importWall('src/server/http', '../exchange/schema.ts', './reply.ts'),
  importWall('src/server/http', '../../exchange/exchange.ts', '../../flow/bus.ts'),
  importWall('src/server/http', '../../live/port/item-book.ts', './route.ts'),
  importWall('src/server/http', '../../driver/memory/rate-limiter.ts', '../../core/clock.ts'),
  importWall('src/app', '../cli/gavel.ts', '../driver/sqlite/catalog.ts'),
  importWall('src/app/command', '../../cli/serve.ts', '../../exchange/exchange.ts'),
  importWall('src/cli', '../driver/sqlite/catalog.ts', '../app/command/serve.ts'),
  importWall('src/cli', '../server/http/server.ts', 'commander'),
  importWall('src/cli', '../exchange/port/catalog.ts', '../core/money.ts'),
  importWall('src/cli', '../flow/bus.ts', '../core/limit.ts'),
  importWall('src/cli', '../exchange/rule/clear.ts', '../exchange/catalog-file.ts'),
  importWall('src/cli/migrate', '../../driver/sqlite/catalog.ts', '../writer.ts'),
  importWall('src/client', '../live/live.ts', '../core/random.ts'),
  importWall('src/client', '../server/http/server.ts', './backoff.ts'),
  importWall('src/client', 'bun', '../core/limit.ts'),
];

/** A path that leaves its folder without looking like it. */
const DETOUR = [
  'src/core',
  'src/flow',
  'src/exchange/rule',
  'src/exchange/port',
  'src/exchange',
  'src/live',
  'src/analytics',
  'src/driver/memory',
  'src/driver/sqlite',
  'src/server',
  'src/app',
  'src/cli',
  'src/client',
].map((folder) => importWall(folder, './../../src/app/setting/config.ts', './config.ts'));

const OF_ENGINE = ['Bun', 'process', 'Buffer'];
const OF_CLOCK = ['Date', 'performance'];
const OF_TIMER = ['setTimeout', 'setInterval', 'setImmediate'];
const OF_NETWORK = ['fetch', 'WebSocket'];
const IMPURE = [...OF_ENGINE, ...OF_CLOCK, ...OF_TIMER, ...OF_NETWORK, 'crypto', 'globalThis'];
const UNSEEN = [...OF_ENGINE, ...OF_CLOCK, ...OF_NETWORK, 'globalThis'];

const ENGINE = [
  ...globalWalls('src/core', IMPURE, 'new Map()'),
  ...globalWalls('src/exchange/rule', IMPURE, 'Math.min(1, 2)'),
  ...globalWalls('src/live/rule', IMPURE, 'JSON.stringify({})'),
  ...globalWalls('src/flow', UNSEEN, 'new Set()'),
  ...globalWalls('src/live/port', UNSEEN, 'new AbortController()'),
  ...globalWalls('src/exchange', UNSEEN, 'setTimeout(planted, 1)'),
  ...globalWalls('src/live', UNSEEN, 'setInterval(planted, 1)'),
  ...globalWalls('src/analytics', UNSEEN, 'new TextEncoder()'),
  ...globalWalls(
    'src/client',
    OF_ENGINE,
    "[new WebSocket('ws://localhost'), setTimeout(planted, 1)]",
  ),
];

const ENVIRONMENT = ['src/driver/redis', 'src/driver/sqlite', 'src/server', 'src/cli'].flatMap(
  environmentWall,
);

const CHANCE = ['src/core', 'src/exchange/rule', 'src/live', 'src/driver/simulated', 'src/app'].map(
  (folder) => propertyWall(folder, 'Math.random', 'Math.PI'),
);

export const WALLS: readonly Wall[] = [
  ...CORE,
  ...FLOW,
  ...RULE,
  ...PORT,
  ...FACE,
  ...DRIVER,
  ...OUTSIDE,
  ...DETOUR,
  ...ENGINE,
  ...ENVIRONMENT,
  ...CHANCE,
];

/** Files that a wall exempts by name or folder, and all reports that remain for them. */
export const EXEMPT: readonly {
  readonly path: string;
  readonly text: string;
  readonly complaints: readonly string[];
}[] = [
  {
    path: 'src/core/clock.ts',
    text: use(`[Date, performance, ${[...OF_ENGINE, ...OF_TIMER, ...OF_NETWORK].join(', ')}]`),
    complaints: [...OF_ENGINE, ...OF_TIMER, ...OF_NETWORK].map(
      (name) => `Do not use the global variable ${name}.`,
    ),
  },
  {
    path: 'src/core/timer.ts',
    text: use(`[setTimeout, ${[...OF_ENGINE, ...OF_CLOCK, ...OF_NETWORK].join(', ')}]`),
    complaints: [...OF_ENGINE, ...OF_CLOCK, ...OF_NETWORK].map(
      (name) => `Do not use the global variable ${name}.`,
    ),
  },
  {
    path: 'src/app/setting/config.ts',
    text: use("[process.env['PORT'], Bun.env['PORT']]"),
    complaints: [],
  },
  { path: 'src/cli/writer.ts', text: 'console.log("printed");\n', complaints: [] },
  { path: 'src/exchange/rule/clear.test.ts', text: take('../exchange.ts'), complaints: [] },
  { path: 'src/exchange/port/catalog.contract.ts', text: take('bun:test'), complaints: [] },
  {
    path: 'test/e2e/bid.test.ts',
    text: take('../../src/driver/sqlite/catalog.ts'),
    complaints: [],
  },
  {
    path: 'bench/exchange.ts',
    text: 'console.log(Bun.env["PORT"], Math.random());\n',
    complaints: [],
  },
];
