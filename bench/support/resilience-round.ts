/**
 * One fault under load: bidders and viewers before, during and after it, and the check of their
 * record.
 *
 * Every round has its own items, so that no earlier round is in its check.
 */
import type { History } from '../../test/checker/history.ts';
import { describeViolations } from '../../test/checker/violation.ts';
import { acceptedBidIds, judge } from '../../test/support/verdict.ts';
import { decidedSeq, readArchivedLog, untilArchived } from './archived-log.ts';
import { type BidLoad, createLoadedItem, type LoadedItem, startBidLoad } from './bid-load.ts';
import { type FaultKind, hurt } from './fault.ts';
import { backAfterMs, duringSpan, longestPauseMs, type Span, tallyOf } from './tally.ts';
import type { Topology } from './topology.ts';
import { within } from './within.ts';
import { openWitness, type Witness } from './witness.ts';

const BIDDERS = 150;
const VIEWERS_BY_ITEM = [8, 4, 4];
const BEFORE_MS = 3_000;
const FAULT_MS = 4_000;
const AFTER_MS = 4_000;
const ARCHIVE_WITHIN_MS = 20_000;
const VIEWERS_WITHIN_MS = 8_000;
const STOP_WITHIN_MS = 15_000;
const POLL_MS = 20;

export type Fault = { readonly part: string; readonly kind: FaultKind };

export type RoundRow = {
  readonly fault: string;
  readonly sent: number;
  readonly accepted: number;
  readonly refused: number;
  readonly errors: string;
  readonly answered: number;
  readonly answeredInFault: number;
  readonly pauseMs: number;
  readonly backMs: number;
  readonly lost: number;
  readonly archivedTwice: number;
  readonly unflaggedGaps: number;
  readonly viewersBehind: number;
  readonly archiveLagSeconds: number;
  /** The checker's report; empty when it found nothing. */
  readonly violations: string;
};

type Run = {
  readonly load: BidLoad;
  readonly witnesses: readonly Witness[];
  readonly whole: Span;
  readonly fault: Span;
  readonly archiveLagSeconds: number;
};

export async function runRound(
  topology: Topology,
  fault: Fault,
  number: number,
): Promise<RoundRow> {
  const prefix = `round${number}-${Date.now()}`;
  const items = VIEWERS_BY_ITEM.map((_, place) => createLoadedItem(`${prefix}-${place}`));
  for (const { definition } of items) await decidedSeq(topology.url, definition.itemId, 5_000);
  using stack = new DisposableStack();
  const witnesses = items.flatMap(({ definition }, place) =>
    Array.from({ length: VIEWERS_BY_ITEM[place] ?? 0 }, (_, index) =>
      stack.use(openWitness(topology.url, definition.itemId, place * 100 + index)),
    ),
  );
  const run = await loadThrough(topology, { fault, items, witnesses, seed: number });
  return await proveRun(topology, { fault, items, run });
}

type Stage = {
  readonly fault: Fault;
  readonly items: readonly LoadedItem[];
  readonly witnesses: readonly Witness[];
  readonly seed: number;
};

async function loadThrough(topology: Topology, stage: Stage): Promise<Run> {
  const { items, witnesses, seed } = stage;
  const fromMs = performance.now();
  const load = startBidLoad(topology.url, items, { bidders: BIDDERS, seed });
  try {
    await Bun.sleep(BEFORE_MS);
    const fault = await hurtAndHeal(topology, stage.fault);
    const [archiveLagSeconds] = await Promise.all([
      archiveCaughtUp(topology.url, items, fault.toMs),
      Bun.sleep(AFTER_MS),
    ]);
    const whole = { fromMs, toMs: performance.now() };
    return { load, witnesses, whole, fault, archiveLagSeconds };
  } finally {
    await within(STOP_WITHIN_MS, 'the last bids', load.stop());
  }
}

async function hurtAndHeal(topology: Topology, { part, kind }: Fault): Promise<Span> {
  const fromMs = performance.now();
  const heal = await hurt(topology.part(part), kind);
  await Bun.sleep(FAULT_MS);
  await heal();
  return { fromMs, toMs: performance.now() };
}

/** How long after the fault the archive had all events decided before its end. */
async function archiveCaughtUp(
  url: string,
  items: readonly LoadedItem[],
  healedMs: number,
): Promise<number> {
  await allArchived(url, items);
  return (performance.now() - healedMs) / 1000;
}

/** Waits until the archive has all events decided so far. */
async function allArchived(url: string, items: readonly LoadedItem[]): Promise<void> {
  const ids = items.map(({ definition }) => definition.itemId);
  const seqs = await Promise.all(ids.map((id) => decidedSeq(url, id, ARCHIVE_WITHIN_MS)));
  await Promise.all(
    ids.map((itemId, place) =>
      untilArchived(url, { itemId, seq: seqs[place] ?? 0 }, ARCHIVE_WITHIN_MS),
    ),
  );
}

type Proof = {
  readonly fault: Fault;
  readonly items: readonly LoadedItem[];
  readonly run: Run;
};

async function proveRun(topology: Topology, { fault, items, run }: Proof): Promise<RoundRow> {
  const { attempts } = run.load;
  await allArchived(topology.url, items);
  const histories = await Promise.all(
    items.map((item) => gatherHistory(topology, item, run.witnesses)),
  );
  const behind = await viewersBehind(histories, run.witnesses);
  const violations = histories.flatMap(judge);
  const { answered, ...whole } = tallyOf(attempts);
  const silentJumps = run.witnesses.filter((witness) => witness.silentJumps() > 0).length;
  const gaps = violations.filter(({ kind }) => kind === 'viewer-gap').length;
  return {
    fault: `${fault.part}, ${fault.kind}`,
    ...whole,
    answered,
    answeredInFault: tallyOf(duringSpan(attempts, run.fault)).answered,
    pauseMs: longestPauseMs(attempts, run.whole),
    backMs: backAfterMs(attempts, run.fault.toMs),
    lost: histories.reduce((sum, history) => sum + lostOf(history), 0),
    archivedTwice: histories.reduce((sum, history) => sum + archivedTwice(history), 0),
    unflaggedGaps: silentJumps + gaps,
    viewersBehind: behind,
    archiveLagSeconds: run.archiveLagSeconds,
    violations: violations.length === 0 ? '' : describeViolations(violations),
  };
}

async function gatherHistory(
  topology: Topology,
  { definition, recorder }: LoadedItem,
  witnesses: readonly Witness[],
): Promise<History> {
  const { itemId } = definition;
  const log = await readArchivedLog(topology.url, itemId);
  const archive = await topology.archiveRows(itemId);
  // The viewers' frames are still filled while the last ones arrive: they are judged later.
  const viewers = witnesses.filter((one) => one.itemId === itemId).map((one) => one.seen());
  return { definition, operations: recorder.operations(), log, archive, viewers };
}

/** Acknowledged bids without an event. */
function lostOf({ operations, log }: History): number {
  const kept = new Set(log.flatMap((event) => (event.type === 'bid' ? event.bidId : [])));
  return acceptedBidIds(operations).difference(kept).size;
}

function archivedTwice({ archive }: History): number {
  const rows = archive ?? [];
  const distinct = (keys: readonly (string | number)[]) => new Set(keys).size;
  const seqs = distinct(rows.map(({ seq }) => seq));
  return rows.length - Math.min(seqs, distinct(rows.map(({ eventId }) => eventId)));
}

/** How many viewers lack the newest event, though they had time to get it. */
async function viewersBehind(
  histories: readonly History[],
  witnesses: readonly Witness[],
): Promise<number> {
  const lastSeqs = new Map(
    histories.map(({ definition, log }) => [definition.itemId, log.at(-1)?.seq ?? 0]),
  );
  const behind = () =>
    witnesses.filter((one) => one.lastSeq() < (lastSeqs.get(one.itemId) ?? 0)).length;
  const endMs = performance.now() + VIEWERS_WITHIN_MS;
  while (behind() > 0 && performance.now() < endMs) await Bun.sleep(POLL_MS);
  return behind();
}
