/**
 * Correct histories under a seed: calls that overlap at random, decided one at a time by the model.
 *
 * Each call is decided at its own moment, somewhere inside its window. Some outcomes get lost, some
 * bids are resent with their key, viewers join, lag, leave and resume.
 */
import { type Micros, toMicros } from '../../src/core/money.ts';
import { createRandom, type Random } from '../../src/core/random.ts';
import type { ItemEvent } from '../../src/live/rule/item.ts';
import type { BidOperation, BidParameters, History, Operation, Viewer } from './history.ts';
import {
  createDefinition,
  createModelAuction,
  type ModelAuction,
  nextMicrosAt,
  STEP_MICROS,
} from './model-auction.ts';
import { createViewers } from './viewer-maker.ts';

const BASE_MS = 1_800_000_000_000;
const WINDOW_MS = 12;
const USERS = 8;

type Window = { readonly invokedMs: number; readonly respondedMs: number };

function windowAround(atMs: number, random: Random): Window {
  return {
    invokedMs: atMs - random.next() * WINDOW_MS,
    respondedMs: atMs + random.next() * WINDOW_MS,
  };
}

/** The leader raises its own maximum, which leaves no event. */
function drawRaise(leaderId: string, amountMicros: Micros): BidParameters {
  const maxMicros = toMicros(amountMicros + 20 * STEP_MICROS);
  return { userId: leaderId, amountMicros: null, maxMicros, buyNow: false, idempotencyKey: null };
}

function drawBid(auction: ModelAuction, random: Random, call: number): BidParameters {
  const { priceMicros } = auction.read(0);
  const leastMicros = nextMicrosAt(priceMicros, priceMicros === 0 ? 0 : 1);
  const amountMicros = toMicros(leastMicros + random.integer(-2, 2) * STEP_MICROS);
  const last = auction.log.at(-1);
  if (last?.type === 'bid' && random.next() < 0.06) return drawRaise(last.userId, leastMicros);
  const mostMicros = toMicros(amountMicros + random.integer(-1, 6) * STEP_MICROS);
  const hasMaximum = random.next() < 0.4;
  const isLeast = hasMaximum && random.next() < 0.5;
  return {
    userId: `user-${random.integer(1, USERS)}`,
    amountMicros: isLeast ? null : amountMicros,
    maxMicros: hasMaximum ? mostMicros : null,
    buyNow: random.next() < 0.02,
    idempotencyKey: random.next() < 0.3 ? `key-${call}` : null,
  };
}

/** The same bid once more, begun after the first, answered after the decision. */
function replayOf(sent: BidOperation, decidedMs: number, random: Random): BidOperation {
  const invokedMs = sent.invokedMs + random.next() * 5 * WINDOW_MS;
  const respondedMs = Math.max(invokedMs, decidedMs) + random.next() * WINDOW_MS;
  return { ...sent, invokedMs, respondedMs };
}

function reuseOf(replay: BidOperation): BidOperation {
  const amountMicros = toMicros((replay.amountMicros ?? 0) + 1);
  return { ...replay, amountMicros, answer: { kind: 'idempotency-key-reused' } };
}

function lostAnswer(sent: BidOperation): BidOperation {
  return { ...sent, respondedMs: null, answer: { kind: 'unknown' } };
}

function makeBid(auction: ModelAuction, random: Random, call: number): BidOperation[] {
  const parameters = drawBid(auction, random, call);
  const head = { ...parameters, kind: 'bid', ...windowAround(call, random) } as const;
  const fate = random.next();
  if (fate < 0.03) return [lostAnswer({ ...head, answer: { kind: 'unknown' } })];
  const decided = { ...head, answer: auction.place(parameters, BASE_MS + call) };
  const sent = fate < 0.1 ? lostAnswer(decided) : decided;
  if (parameters.idempotencyKey === null || random.next() < 0.6) return [sent];
  const replay = replayOf(decided, call, random);
  const isReuse = random.next() < 0.3;
  return isReuse ? [sent, replay, reuseOf(replay)] : [sent, replay];
}

function makeCall(auction: ModelAuction, random: Random, call: number): Operation[] {
  const drawn = random.next();
  if (drawn < 0.01) auction.retract(BASE_MS + call);
  if (drawn > 0.15) return makeBid(auction, random, call);
  const answer = auction.read(BASE_MS + call);
  return [{ kind: 'read', ...windowAround(call, random), answer }];
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ item }) => item);
}

export function makeHistory(seed: number, calls: number): History {
  const random = createRandom(seed);
  const opensAt = Math.floor(calls * 0.02);
  const endsAt = Math.floor(calls * 0.9);
  const definition = createDefinition(BASE_MS + opensAt, BASE_MS + endsAt);
  const auction = createModelAuction(definition);
  const operations: Operation[] = [];
  for (let call = 0; call < calls; call++) {
    // The closer is late, as a real one may be: bids in between are refused by time alone.
    if (call === endsAt + 5) auction.close(BASE_MS + call);
    for (const operation of makeCall(auction, random, call)) operations.push(operation);
  }
  const log: readonly ItemEvent[] = auction.log;
  const viewers: readonly Viewer[] = createViewers(log, random);
  const archive = shuffled(structuredClone(log), random);
  return { definition, operations, log, archive, viewers };
}
