/**
 * One-line faults, each of which some test must see.
 *
 * `from` occurs exactly once among the sources of its room, in any file; otherwise the mutant is
 * stale, and the table has to follow the code. `tests` names the tests to run: parts of paths, as
 * in `make test ONLY=...`.
 */
export type Mutant = { readonly from: string; readonly to: string };

export type MutantRoom = {
  readonly folder: string;
  readonly tests: readonly string[];
  readonly mutants: readonly Mutant[];
};

const EXCHANGE_RULE: MutantRoom = {
  folder: 'src/exchange/rule',
  tests: ['src/exchange/rule'],
  mutants: [
    { from: 'answer.latencyUs > terms.tmaxMs', to: 'answer.latencyUs >= terms.tmaxMs' },
    { from: 'answer.priceMicros <= 0', to: 'answer.priceMicros < 0' },
    { from: 'answer.priceMicros < imp.floorMicros', to: 'answer.priceMicros <= imp.floorMicros' },
    { from: "answer.outcome === 'error'", to: 'false' },
    { from: 'return imp.floorMicros;', to: 'return winner.priceMicros;' },
    { from: 'maxMicros(imp.floorMicros, pressed)', to: 'pressed' },
    {
      from: 'minMicros(winner.priceMicros, maxMicros',
      to: 'maxMicros(winner.priceMicros, maxMicros',
    },
    { from: 'runnerUp = winner;', to: '' },
    { from: 'beats(answer, runnerUp, terms.seed)', to: 'false' },
    { from: 'left.latencyUs < right.latencyUs', to: 'left.latencyUs > right.latencyUs' },
    { from: 'leftHash < rightHash', to: 'leftHash > rightHash' },
    { from: 'left.bidderId < right.bidderId', to: 'false' },
    { from: 'bidder.country === null ||', to: '' },
    { from: '?? byCountry.get(null) ??', to: '??' },
    { from: 'supply.position >= position', to: 'supply.position > position' },
    { from: 'spender.position >= won.position', to: 'spender.position > won.position' },
    { from: 'grand.position >= position', to: 'grand.position > position' },
    { from: 'bidder.timeouts++', to: 'bidder.noBids++' },
    { from: '?? UNKNOWN_COUNTRY', to: "?? ''" },
    { from: 'index++ >= which.offset', to: 'index++ > which.offset' },
    { from: 'if (entries.length > count) entries.pop();', to: '' },
    { from: 'left.id < right.id', to: 'left.id > right.id' },
  ],
};

const LIVE_RULE: MutantRoom = {
  folder: 'src/live/rule',
  tests: ['src/live/rule'],
  mutants: [
    { from: 'nowMs >= item.opensAtMs', to: 'nowMs > item.opensAtMs' },
    { from: 'nowMs >= item.endsAtMs', to: 'nowMs > item.endsAtMs' },
    { from: 'next > LIVE_LIMIT.priceMicros ? null : next', to: 'next' },
    {
      from: 'item.priceMicros >= item.policy.reserveMicros',
      to: 'item.priceMicros > item.policy.reserveMicros',
    },
    { from: 'reserveMicros <= leaderMaxMicros', to: 'reserveMicros < leaderMaxMicros' },
    { from: 'endsAtMs - nowMs > softClose.windowMs', to: 'endsAtMs - nowMs >= softClose.windowMs' },
    { from: 'softClose.absoluteEndMs ?? Number.POSITIVE_INFINITY', to: 'Number.POSITIVE_INFINITY' },
    { from: 'Math.max(endsAtMs, Math.min(nowMs', to: 'Math.min(endsAtMs, Math.min(nowMs' },
    { from: 'priceMicros < step.belowMicros', to: 'priceMicros <= step.belowMicros' },
    { from: 'Math.ceil(share / MICROS_PER_CENT)', to: 'Math.floor(share / MICROS_PER_CENT)' },
    { from: 'amountMicros < leastMicros', to: 'amountMicros <= leastMicros' },
    { from: 'maximumMicros !== null && !policy.proxy', to: 'false' },
    {
      from: 'maximumMicros < standing.leaderMaxMicros',
      to: 'maximumMicros <= standing.leaderMaxMicros',
    },
    { from: 'bestMicros <= standing.leaderMaxMicros', to: 'bestMicros < standing.leaderMaxMicros' },
    {
      from: 'minMicros(standing.leaderMaxMicros, oneMore',
      to: 'maxMicros(standing.leaderMaxMicros, oneMore',
    },
    { from: 'minMicros(bid.maxMicros, overMicros)', to: 'bid.maxMicros' },
    { from: 'userId === item.leaderId && maxMicros !== null', to: 'maxMicros !== null' },
    { from: 'amountMicros <= item.priceMicros', to: 'amountMicros < item.priceMicros' },
    { from: 'untouched || !reserveMet(item)', to: 'untouched' },
    { from: 'bidCount: item.bidCount + 1', to: 'bidCount: item.bidCount' },
    {
      from: 'next.priceMicros > standing.priceMicros',
      to: 'next.priceMicros >= standing.priceMicros',
    },
    { from: 'isOver(item, nowMs) || others.length', to: 'others.length' },
    { from: "outcome === 'sold' ? item.leaderId : null", to: 'item.leaderId' },
    { from: 'Math.min(item.endsAtMs ?? nowMs, nowMs)', to: 'item.endsAtMs ?? nowMs' },
    { from: 'closesAtMs <= opensAtMs', to: 'closesAtMs < opensAtMs' },
    { from: 'absoluteEndMs < closesAtMs', to: 'absoluteEndMs <= closesAtMs' },
    { from: 'buyNowMicros < least', to: 'buyNowMicros <= least' },
    { from: 'isOver(item, nowMs) ? null : buyNowOffer(item)', to: 'buyNowOffer(item)' },
  ],
};

const SQLITE: MutantRoom = {
  folder: 'src/driver/sqlite',
  tests: ['src/driver/sqlite'],
  mutants: [
    { from: 'if (item.isTouched) continue;', to: '' },
    { from: 'and first_position < ?1 returning bytes', to: 'returning bytes' },
    { from: 'if (position > after) yield', to: 'yield' },
    { from: 'greatest_id >= ?1', to: 'greatest_id > ?1' },
    { from: 'select min(position) from bus_cursor', to: 'select max(position) from bus_cursor' },
    { from: 'Math.min(spool.lastPosition(), oldestMissing - 1)', to: 'spool.lastPosition()' },
    { from: 'earlier.parameters === parameters', to: 'true' },
    { from: 'foundVersion > version', to: 'false' },
    { from: 'next.first <= position + 1', to: 'true' },
  ],
};

const HTTP: MutantRoom = {
  folder: 'src/server/http',
  tests: ['src/server', 'test/e2e/items'],
  mutants: [
    { from: 'Number(length) > maxBytes', to: 'false' },
    { from: 'bytes > maxBytes', to: 'false' },
    { from: 'if (error instanceof HttpError) throw error;', to: '' },
    { from: '.trim().toLowerCase()', to: '' },
    { from: 'address.isIPv4MappedAddress()', to: 'false' },
    { from: '.slice(-MAX_FORWARDED_HOPS)', to: '' },
    { from: 'hops.reverse()', to: 'hops' },
    { from: '!isTrusted(peer)', to: 'false' },
    { from: 'network.kind() === address.kind() &&', to: '' },
    { from: 'value < low || value > high', to: 'value > high' },
    { from: 'text !== null && !isId(text)', to: 'false' },
  ],
};

const CORE: MutantRoom = {
  folder: 'src/core',
  tests: ['src/core'],
  mutants: [
    { from: 'Math.min(waitMs * 2, longestMs)', to: 'waitMs * 2' },
    { from: 'waitMs = firstMs;\n    }', to: '}' },
    { from: 'if (!isClosed || isStopped) return;', to: 'if (isStopped) return;' },
    { from: 'if (isAlive) isClosed = true;', to: 'isClosed = true;' },
    { from: '++counter === COUNTER_END', to: '++counter > COUNTER_END' },
    { from: 'if (nowMs > lastMs)', to: 'if (nowMs !== lastMs)' },
    { from: 'value / MICROS_PER_UNIT !== units', to: 'false' },
    { from: 'Math.min(left + right, Number.MAX_SAFE_INTEGER)', to: 'left + right' },
    { from: 'opened ??= { value: open() };', to: 'opened = { value: open() };' },
    { from: '(high - low + 1)', to: '(high - low)' },
    { from: 'return () => callOff();', to: 'return callOff;' },
    { from: 'if (isStopping) return resolve();', to: '' },
    { from: 'tmaxMs - elapsedMs()', to: 'tmaxMs' },
    { from: 'failing.size === 0', to: 'true' },
  ],
};

export const MUTANT_ROOMS: readonly MutantRoom[] = [EXCHANGE_RULE, LIVE_RULE, SQLITE, HTTP, CORE];
