/**
 * The contract of `Catalog` drivers. `catalogContract` is for one handle on a store,
 * `sharedCatalogContract` for several handles and processes on the same store.
 */
import { describe, expect, test } from 'bun:test';
import { toMicros } from '../../core/money.ts';
import type { CatalogContent, CatalogVersion } from '../rule/supply.ts';
import { CATALOG_WATCH_MS, type Catalog } from './catalog.ts';

/** A new empty store, deleted on disposal. */
export type CatalogStore = AsyncDisposable & {
  open(): Promise<Catalog>;
};

export type SharedCatalogStore = CatalogStore & {
  /** Replaces the catalogue by each content in turn, from another process. */
  replaceElsewhere(contents: readonly CatalogContent[]): Promise<void>;
};

/** Extra time that a load may take on a busy machine. */
const LOAD_MARGIN_MS = 1_000;
const GENERATION_SUPPLIES = 700;

/** Every id contains its generation, so that a mix of two generations shows. */
function generation(number: number): CatalogContent {
  const ids = Array.from({ length: GENERATION_SUPPLIES }, (_, index) => `${number}-${index}`);
  return {
    supplies: ids.map((id, index) => ({
      id: `supply-${id}`,
      floorMicros: toMicros(number),
      auctionType: 'first-price',
      incrementMicros: toMicros(10_000),
      bidderIds: [`bidder-${number}-${index}`, `bidder-${number}-0`].slice(0, index + 1),
    })),
    bidders: ids.map((id) => ({ id: `bidder-${id}`, country: 'US' })),
  };
}

const SMALL: CatalogContent = {
  supplies: [
    {
      id: 'zebra',
      floorMicros: toMicros(1_000_000_000_000),
      auctionType: 'second-price',
      incrementMicros: toMicros(1),
      bidderIds: ['second', 'first'],
    },
    {
      id: 'apple',
      floorMicros: toMicros(0),
      auctionType: 'first-price',
      incrementMicros: toMicros(10_000),
      bidderIds: [],
    },
  ],
  bidders: [
    { id: 'second', country: 'US' },
    { id: 'first', country: null },
    { id: 'unused', country: 'DE' },
  ],
};

function nextWatched(catalog: Catalog, knownVersion: number): Promise<CatalogVersion> {
  return new Promise((resolve) => {
    const end = catalog.watch(knownVersion, (version) => {
      end();
      resolve(version);
    });
  });
}

export function catalogContract(name: string, openStore: () => Promise<CatalogStore>): void {
  describe(`a catalogue in ${name}`, () => {
    testContent(openStore);
    testWatch(openStore);
  });
}

function testContent(openStore: () => Promise<CatalogStore>): void {
  test('is version 0 and empty before the first replace', async () => {
    await using store = await openStore();
    await using catalog = await store.open();
    expect(await catalog.load()).toEqual({ version: 0, supplies: [], bidders: [] });
  });

  test('returns what was stored, in the same order', async () => {
    await using store = await openStore();
    await using catalog = await store.open();
    expect(await catalog.replace(SMALL)).toBe(1);
    expect(await catalog.load()).toEqual({ version: 1, ...SMALL });
  });

  test('holds nothing of the previous version', async () => {
    await using store = await openStore();
    await using catalog = await store.open();
    await catalog.replace(generation(1));
    await catalog.replace(SMALL);
    expect(await catalog.load()).toEqual({ version: 2, ...SMALL });
  });

  test('raises the version by one with each replace, also by an empty catalogue', async () => {
    await using store = await openStore();
    await using catalog = await store.open();
    const versions = [await catalog.replace(SMALL), await catalog.replace(SMALL)];
    versions.push(await catalog.replace({ supplies: [], bidders: [] }));
    expect(versions).toEqual([1, 2, 3]);
    expect(await catalog.load()).toEqual({ version: 3, supplies: [], bidders: [] });
  });

  test('is started once, and never after a replace', async () => {
    await using store = await openStore();
    await using catalog = await store.open();
    const begun = await Promise.all([catalog.begin(SMALL), catalog.begin(generation(1))]);
    expect(begun.toSorted()).toEqual([false, true]);
    const { version, ...content } = await catalog.load();
    expect(version).toBe(1);
    expect(content).toEqual(begun[0] ? SMALL : generation(1));
    expect(await catalog.begin(generation(2))).toBe(false);
    expect((await catalog.load()).version).toBe(1);
  });

  test('stays as it was when a replace fails', async () => {
    await using store = await openStore();
    await using catalog = await store.open();
    await catalog.replace(SMALL);
    const twice = { ...SMALL, supplies: [...SMALL.supplies, ...SMALL.supplies] };
    await expect(catalog.replace(twice)).rejects.toThrow();
    expect(await catalog.load()).toEqual({ version: 1, ...SMALL });
  });

  test('keeps concurrent replaces apart', async () => {
    await using store = await openStore();
    await using catalog = await store.open();
    const contents = [generation(1), generation(2), generation(3)];
    const versions = await Promise.all(contents.map((content) => catalog.replace(content)));
    expect(versions.toSorted()).toEqual([1, 2, 3]);
    const last = contents[versions.indexOf(3)];
    expect(await catalog.load()).toEqual({ version: 3, supplies: [], bidders: [], ...last });
  });

  test('lets other work run while it loads', async () => {
    await using store = await openStore();
    await using catalog = await store.open();
    await catalog.replace(generation(1));
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 0);
    for (let loads = 0; turns < 2 && loads < 100; loads++) await catalog.load();
    clearInterval(timer);
    expect(turns).toBeGreaterThanOrEqual(2);
  });
}

function testWatch(openStore: () => Promise<CatalogStore>): void {
  test('reports a version that the watcher does not have yet', async () => {
    await using store = await openStore();
    await using catalog = await store.open();
    await catalog.replace(SMALL);
    expect(await nextWatched(catalog, 0)).toEqual({ version: 1, ...SMALL });
  });

  test('reports each new version to a watcher once, until the watch ends', async () => {
    await using store = await openStore();
    await using catalog = await store.open();
    const seen: number[] = [];
    const end = catalog.watch(0, ({ version }) => seen.push(version));
    await catalog.replace(SMALL);
    await nextWatched(catalog, 0);
    await catalog.replace(SMALL);
    await nextWatched(catalog, 1);
    end();
    await catalog.replace(SMALL);
    await nextWatched(catalog, 2);
    expect(seen).toEqual([1, 2]);
  });
}

export function sharedCatalogContract(
  name: string,
  openStore: () => Promise<SharedCatalogStore>,
): void {
  describe(`a shared catalogue in ${name}`, () => {
    test('is kept when its last handle is closed', async () => {
      await using store = await openStore();
      const writer = await store.open();
      await writer.replace(SMALL);
      await writer[Symbol.asyncDispose]();
      await using reader = await store.open();
      expect(await reader.load()).toEqual({ version: 1, ...SMALL });
    });

    test('never shows half of a version while another process replaces it', async () => {
      await using store = await openStore();
      await using reader = await store.open();
      const contents = Array.from({ length: 8 }, (_, index) => generation(index + 1));
      let done = false;
      const replaced = store.replaceElsewhere(contents).finally(() => {
        done = true;
      });
      const seen: number[] = [];
      while (!done) {
        const { version, ...content } = await reader.load();
        const expected = contents[version - 1] ?? { supplies: [], bidders: [] };
        expect(content).toEqual(expected);
        seen.push(version);
        // A driver that never yields must fail the test, not hang it.
        await new Promise((resolve) => setImmediate(resolve));
      }
      await replaced;
      expect(seen).toEqual(seen.toSorted((left, right) => left - right));
      expect((await reader.load()).version).toBe(contents.length);
    });

    test('gives each replace its own version across handles', async () => {
      await using store = await openStore();
      await using first = await store.open();
      await using second = await store.open();
      await first.replace(SMALL);
      await Promise.all([store.replaceElsewhere([SMALL, SMALL]), second.replace(SMALL)]);
      expect(await first.replace(SMALL)).toBe(5);
    });

    test('reports the replace of another process to a watcher in time', async () => {
      await using store = await openStore();
      await using reader = await store.open();
      const watched = nextWatched(reader, 0);
      await store.replaceElsewhere([SMALL]);
      const replacedAt = performance.now();
      expect(await watched).toEqual({ version: 1, ...SMALL });
      expect(performance.now() - replacedAt).toBeLessThan(CATALOG_WATCH_MS + LOAD_MARGIN_MS);
    });
  });
}
