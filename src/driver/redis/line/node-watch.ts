/**
 * Watches the node of a single Redis, or each master of a Cluster: whether it answers, and whether
 * it takes writes.
 *
 * Each node has a breaker, which failing calls open. Each node is also probed once per second, so
 * that the failure of an idle one is noticed too. The probe is a write that changes nothing: a
 * Redis without memory or disk refuses it as it would refuse a bid. A connection that leaves two
 * probes unanswered is closed: it may be dead.
 */
import { Cluster, type Redis } from 'ioredis';
import { type Breaker, createBreaker } from '../../../core/breaker.ts';
import { every, type Timers } from '../../../core/timer.ts';
import { bounded, LateError } from './bounded.ts';
import { nameOf, nodeOf } from './client.ts';
import type { Outage } from './outage.ts';
import { isAnswer } from './redis-error.ts';

export type NodeWatches = {
  /** The breaker of the node that holds a key. */
  of(key: string): Breaker;
  isUp(): boolean;
  isWritable(): boolean;
  stop(): void;
};

type NodeWatch = {
  readonly breaker: Breaker;
  /** Probes once, and opens the breaker when there is no answer. */
  look(): Promise<void>;
  takesWrites(): boolean;
};

const PROBE_EVERY_MS = 250;
const LOOK_EVERY_MS = 1_000;
const SILENT_PROBES = 2;
const PROBE_KEY = 'gavel:probe';
/** Number of keys to try to find one on a certain node. */
const PROBE_KEYS = 1_000;

/** It answers, though with an error. */
const REFUSES_WRITES = /^(OOM|MISCONF|READONLY|NOREPLICAS) /;
const SERVES_NOBODY = /^(LOADING|BUSY|CLUSTERDOWN|MASTERDOWN|NOAUTH)\b/;

export type NodeWatchParts = {
  readonly client: Redis | Cluster;
  readonly outage: Outage;
  readonly timers: Timers;
};

export function watchNodes(parts: NodeWatchParts): NodeWatches {
  const { client, outage, timers } = parts;
  const watches = new Map<string, NodeWatch>();

  function watchOf(node: string): NodeWatch {
    const watch = watches.get(node) ?? createNodeWatch(parts, node);
    watches.set(node, watch);
    return watch;
  }

  const isUp = () =>
    isConnected(client) && watches.values().every(({ breaker }) => breaker.isClosed());

  async function lookAtAll(): Promise<void> {
    for (const node of mastersOf(client)) watchOf(node);
    await Promise.all(watches.values().map((watch) => watch.look()));
    if (isUp()) outage.end();
    // For when there is no better reason.
    else outage.report(`it is ${client.status}`);
  }

  const stopLooking = every(timers, LOOK_EVERY_MS, () => void lookAtAll());

  return {
    of: (key) => watchOf(client instanceof Cluster ? nodeOf(client, key) : '').breaker,
    isUp,
    isWritable: () => isUp() && watches.values().every((watch) => watch.takesWrites()),
    stop: () => {
      stopLooking();
      for (const { breaker } of watches.values()) breaker.stop();
    },
  };
}

function createNodeWatch({ client, outage, timers }: NodeWatchParts, node: string): NodeWatch {
  let silent = 0;
  let takesWrites = true;

  function note(error: unknown): boolean {
    takesWrites = !(isAnswer(error) && REFUSES_WRITES.test(error.message));
    if (isAnswer(error) && !SERVES_NOBODY.test(error.message)) return true;
    if (client.status === 'ready') outage.report(error);
    silent = error instanceof LateError ? silent + 1 : 0;
    if (silent < SILENT_PROBES) return false;
    silent = 0;
    breakOff(client, node);
    return false;
  }

  async function probe(): Promise<boolean> {
    const key = keyOn(client, node);
    // This node holds no slots, or no longer: their new holder is watched separately.
    if (key === undefined) {
      takesWrites = true;
      return client.status === 'ready';
    }
    try {
      await bounded(timers, client.setrange(key, 0, ''), PROBE_EVERY_MS);
      silent = 0;
      takesWrites = true;
      return true;
    } catch (error) {
      return note(error);
    }
  }

  const breaker = createBreaker({ timers, everyMs: PROBE_EVERY_MS, probe });
  return {
    breaker,
    look: async () => {
      if (breaker.isClosed() && !(await probe())) breaker.trip();
    },
    takesWrites: () => takesWrites,
  };
}

function isConnected(client: Redis | Cluster): boolean {
  const nodes = client instanceof Cluster ? client.nodes('master') : [];
  return [client, ...nodes].every(({ status }) => status === 'ready');
}

/** Node names; the empty one for a single server. */
function mastersOf(client: Redis | Cluster): string[] {
  return client instanceof Cluster ? client.nodes('master').map(nameOf) : [''];
}

/** A key on that node. */
function keyOn(client: Redis | Cluster, node: string): string | undefined {
  if (!(client instanceof Cluster)) return PROBE_KEY;
  for (let number = 0; number < PROBE_KEYS; number++) {
    const key = `${PROBE_KEY}:${number}`;
    if (nodeOf(client, key) === node) return key;
  }
  return undefined;
}

function breakOff(client: Redis | Cluster, node: string): void {
  const silent =
    client instanceof Cluster
      ? client.nodes('all').find((candidate) => nameOf(candidate) === node)
      : client;
  silent?.disconnect(true);
}
