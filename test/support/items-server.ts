/** A real server with the routes of live items on the book of pure rules, and a manual clock. */
import { aliasOf } from '../../src/app/node/alias.ts';
import { createRandom } from '../../src/core/random.ts';
import { systemTimers } from '../../src/core/timer.ts';
import { createMemoryRateLimiter } from '../../src/driver/memory/rate-limiter.ts';
import { createLive } from '../../src/live/live.ts';
import type { Archive } from '../../src/live/port/item-archive.ts';
import type { ItemIndex } from '../../src/live/port/item-index.ts';
import { type Currency, DOLLAR } from '../../src/live/rule/currency.ts';
import { createPageAccess } from '../../src/server/http/origin.ts';
import { startServer } from '../../src/server/http/server.ts';
import { liveError } from '../../src/server/live/error.ts';
import {
  createAdminGate,
  createLookerReader,
  type Identity,
  trustingIdentity,
} from '../../src/server/live/identity.ts';
import { itemAdminRoutes } from '../../src/server/live/item-admin-routes.ts';
import { itemRoutes } from '../../src/server/live/item-routes.ts';
import { createUserLimit } from '../../src/server/live/user-limit.ts';
import { createRuleBook, createRuleStore, type RuleStore } from '../golden/rule-book.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

export const ADMIN_KEY = 'a-key-for-tests-only';
export const ADMIN = { 'x-admin-key': ADMIN_KEY };
export const START_MS = Date.UTC(2026, 0, 1);

/** The fields that tests read from a body; matchers see the rest. */
export type Body = {
  readonly error: string;
  readonly message: string;
  readonly code: string;
  readonly status: string;
  readonly bid_id: string;
  readonly event_id: string;
  readonly ends_at: string | null;
  readonly highest_bidder_id: string | null;
  readonly items: readonly { readonly id: string; readonly highest_bidder_id: string | null }[];
  readonly next_after: string | null;
  readonly events: readonly { readonly type: string; readonly seq: number }[];
  readonly next_after_seq: number | null;
};
export type Reply = { readonly status: number; readonly body: Body; readonly headers: Headers };

export type ItemsServer = AsyncDisposable & {
  readonly url: string;
  readonly clock: ManualClock;
  readonly store: RuleStore;
  /** Every body that was answered so far. */
  readonly answered: readonly string[];
  /** Internal errors that were logged. */
  readonly faults: readonly object[];
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>;
};

export type ItemsServerOptions = {
  readonly identity?: Identity;
  readonly clock?: ManualClock;
  readonly opensOnFirstSight?: boolean;
  readonly adminKey?: string;
  readonly bidsPerSecond?: number;
  readonly currency?: Currency;
};

export function startItemsServer(options: ItemsServerOptions = {}): ItemsServer {
  const { identity = trustingIdentity, opensOnFirstSight = true, bidsPerSecond = 0 } = options;
  const { currency = DOLLAR } = options;
  const clock = options.clock ?? createManualClock(START_MS);
  const store = createRuleStore();
  const book = createRuleBook(clock, store);
  const live = createLive({
    book,
    index: indexOf(store),
    archive: archiveOf(store),
    clock,
    random: createRandom(1),
    aliasOf,
    prices: null,
    opensOnFirstSight,
    currency,
  });
  const rule = { maxRequests: bidsPerSecond, windowMs: 1000 };
  const limiter = bidsPerSecond === 0 ? undefined : createMemoryRateLimiter(rule, clock);
  const { adminKey = ADMIN_KEY } = options;
  const requireAdmin = createAdminGate(adminKey);
  const lookerOf = createLookerReader(identity, requireAdmin);
  const faults: object[] = [];
  const server = startServer({
    idleSeconds: 75,
    pages: createPageAccess([]),
    toHttpError: liveError,
    timers: systemTimers,
    hostname: '127.0.0.1',
    port: 0,
    routes: [
      ...itemRoutes({ live, identity, lookerOf, userLimit: createUserLimit(limiter), clock }),
      ...itemAdminRoutes({ live, requireAdmin, clock, currency }),
    ],
    log: { error: (details) => faults.push(details) },
  });
  const answered: string[] = [];

  async function call(path: string, init: RequestInit): Promise<Reply> {
    const response = await fetch(`${server.url}${path}`, init);
    const text = await response.text();
    answered.push(text);
    return { status: response.status, body: JSON.parse(text), headers: response.headers };
  }

  return {
    url: server.url,
    clock,
    store,
    answered,
    faults,
    get: (path, headers = {}) => call(path, { headers }),
    post: (path, body, headers = {}) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    [Symbol.asyncDispose]: () => server.stop(0),
  };
}

function indexOf(store: RuleStore): ItemIndex {
  return {
    list: async ({ status, afterItemId, limit }) =>
      [...store.items.values()]
        .map(({ state }) => state)
        .filter((state) => status === null || state.status === status)
        .filter(({ itemId }) => afterItemId === null || itemId > afterItemId)
        .sort((left, right) => (left.itemId < right.itemId ? -1 : 1))
        .slice(0, limit),
    due: async () => [],
    nextDueMs: async () => null,
  };
}

/** Reads the outbox of the book as if it had been carried away at once. */
function archiveOf(store: RuleStore): Archive {
  return {
    append: async () => {},
    read: async ({ itemId, epoch, afterSeq, limit }) =>
      store.outbox
        .filter((event) => event.itemId === itemId && event.seq > afterSeq)
        .filter((event) => epoch === null || event.epoch === epoch)
        .slice(0, limit),
    [Symbol.asyncDispose]: async () => {},
  };
}
