/**
 * Seed 004's experiment 3: parts of the topology die under load, and no acknowledged bid is lost.
 *
 * Each part in turn is killed and restarted, and in another round stopped for a while. A round that
 * breaks a promise is reported in full, and the run fails.
 */
import { openTopology } from './support/cluster-topology.ts';
import type { FaultKind } from './support/fault.ts';
import { type Fault, type RoundRow, runRound } from './support/resilience-round.ts';
import { keep, type Row } from './support/result.ts';
import type { Topology } from './support/topology.ts';
import { within } from './support/within.ts';

const PARTS = ['broadcast-1', 'postgres', 'nats', 'archiver', 'relay', 'api-1', 'redis'];
const KINDS: readonly FaultKind[] = ['kill -9', 'stop'];
const ROUND_WITHIN_MS = 60_000;

type Outcome = { readonly row: Row; readonly fault: string | null };

export async function benchResilience(): Promise<void> {
  await using topology = await openTopology();
  const faults = PARTS.flatMap((part) => KINDS.map((kind) => ({ part, kind })));
  const outcomes: Outcome[] = [];
  for (const [index, fault] of chosen(faults).entries()) {
    outcomes.push(await attemptRound(topology, fault, index + 1));
  }
  const broken = outcomes.flatMap(({ fault }) => fault ?? []);
  await keep({
    name: 'resilience',
    title: 'Resilience',
    method: [
      'The topology of `make cluster`, all parts and the load on one machine: Redis with AOF always, NATS JetStream, PostgreSQL with a replica, nginx before 2 api and 2 broadcast nodes, archiver, relay, closer.',
      '150 bidders on 3 items (most on one) pause 50 to 150 ms between bids, wait 2 s for an answer at most and send what was not answered again under its Idempotency-Key; 16 viewers resume where they were.',
      'A round: 3 s of load, the fault for 4 s (SIGKILL and a new start, or SIGSTOP and SIGCONT of the whole process tree), 4 s more. `answered` is the share of the bids sent that were told accepted or refused; `in fault` is that of those under way between fault and recovery. `pause` is the longest time without an answered bid, `back` the time from the recovery to the next answered bid.',
      'Lost: acknowledged bids that are not in the history. Twice: rows of PostgreSQL beyond one an event. Gaps: jumps that a viewer was not told of. Behind: viewers without the newest event in the end. Lag: seconds from the recovery until the archive has all that was decided before it.',
      'Checker: the linearizability checker over every call, the history, the rows and the frames of all viewers.',
    ],
    tables: [{ caption: 'Faults under load', rows: outcomes.map(({ row }) => row) }],
  });
  if (broken.length > 0) throw new Error(`promises were broken:\n${broken.join('\n')}`);
}

/** `FAULT=redis` runs the rounds of one part. */
function chosen(faults: readonly Fault[]): readonly Fault[] {
  const wanted = process.env['FAULT'];
  return wanted === undefined ? faults : faults.filter(({ part }) => part === wanted);
}

async function attemptRound(topology: Topology, fault: Fault, number: number): Promise<Outcome> {
  const name = `${fault.part}, ${fault.kind}`;
  try {
    const work = runRound(topology, fault, number);
    const round = await within(ROUND_WITHIN_MS, 'the round', work);
    const row = rowOf(round);
    console.log(Object.values(row).join(' | '));
    const isKept = isWhole(round);
    return { row, fault: isKept ? null : `${name}: ${JSON.stringify(row)}\n${round.violations}` };
  } catch (error) {
    console.error(name, error);
    return { row: { fault: name, checker: 'the round failed' }, fault: `${name}: ${error}` };
  }
}

function isWhole(round: RoundRow): boolean {
  const { lost, archivedTwice, unflaggedGaps, viewersBehind, violations } = round;
  return lost + archivedTwice + unflaggedGaps + viewersBehind === 0 && violations === '';
}

function rowOf(round: RoundRow): Row {
  return {
    fault: round.fault,
    sent: round.sent,
    accepted: round.accepted,
    refused: round.refused,
    errors: round.errors,
    answered: percent(round.answered),
    'in fault': percent(round.answeredInFault),
    'pause ms': Math.round(round.pauseMs),
    'back ms': Math.round(round.backMs),
    lost: round.lost,
    twice: round.archivedTwice,
    gaps: round.unflaggedGaps,
    behind: round.viewersBehind,
    'lag s': round.archiveLagSeconds.toFixed(1),
    checker: round.violations === '' ? 'linearizable' : round.violations.split('\n', 1).join(''),
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
