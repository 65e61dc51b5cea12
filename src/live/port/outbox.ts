/**
 * The log of the book's events: the book appends to it in the same step as it decides, and there is no
 * other writer. The events of one item come in the order of their seq. A book may have several outboxes,
 * each item always in the same one. The book refuses to decide before a backlog costs it the machine.
 */
import type { Log, LogEntry } from '../../flow/log.ts';
import type { ItemEvent } from '../rule/item.ts';

export type OutboxEntry = LogEntry<ItemEvent>;
export type Outbox = Log<ItemEvent>;
