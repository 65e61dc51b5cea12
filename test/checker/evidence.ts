/** A history prepared for the checks: grouped, indexed and sorted once. */
import type { Micros } from '../../src/core/money.ts';
import type { Command, KeyGroup } from './command.ts';
import { groupByKey } from './command.ts';
import type { History, ReadOperation } from './history.ts';
import type { LogIndex } from './log-index.ts';
import { createLogIndex } from './log-index.ts';
import type { Violation } from './violation.ts';
import type { Windows } from './window.ts';
import { createWindows } from './window.ts';

/** The least next bid at a price, null when there is none; `bidCount` is zero or not. */
export type NextMicrosAt = (priceMicros: Micros, bidCount: number) => Micros | null;

export type Evidence = {
  readonly history: History;
  readonly nextMicrosAt: NextMicrosAt;
  readonly groups: readonly KeyGroup[];
  readonly commands: readonly Command[];
  readonly reads: readonly ReadOperation[];
  readonly log: LogIndex;
  readonly windows: Windows;
};

export type Check = (evidence: Evidence) => Violation[];

export function createEvidence(history: History, nextMicrosAt: NextMicrosAt): Evidence {
  const groups = groupByKey(history.operations);
  const commands = groups.flatMap((group) => group.commands);
  const reads = history.operations.filter((operation) => operation.kind === 'read');
  const log = createLogIndex(history.definition, history.log);
  const windows = createWindows(commands, reads, log);
  return { history, nextMicrosAt, groups, commands, reads, log, windows };
}
