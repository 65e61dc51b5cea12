/**
 * Ids: what may name a thing, and how new names are made.
 *
 * A made id is `<prefix>_` and 22 characters of `0-9a-v`: 9 of time in milliseconds, 9 drawn once
 * a process, 4 of a counter. It is made without asking anybody, sorts by time within a process, and
 * is unique across processes as far as 45 random bits are.
 */
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/**
 * Every id that crosses the border, but a bidder's. Safe in SQL, Lua arguments, NATS subjects, paths
 * and JSON: `.` and `..` are none, since a path loses them on its way.
 */
export const ID_PATTERN = '^(?!\\.{1,2}$)[A-Za-z0-9_.:-]{1,128}$';

const ID_REGEX = new RegExp(ID_PATTERN);

/** A pattern makes a text of whatever it is asked about: 12345 and null would be ids. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID_REGEX.test(value);
}

/** Longest id of a bidder in UTF-8. */
export const USER_ID_BYTES = 256;
/** What a schema can say of such an id: no control character and no line break of any kind. */
export const USER_ID_PATTERN = '^[^\\u0000-\\u001F\\u007F-\\u009F\\u2028\\u2029]+$';

const USER_ID_REGEX = new RegExp(USER_ID_PATTERN);
const utf8 = new TextEncoder();

/**
 * An id of a bidder: others give it, so it may be any text of a line, such as `auth0|64f1`, an e-mail
 * or a URL. It is a value wherever it goes, and never a part of a key, a subject or a path as it is.
 */
export function isUserId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= USER_ID_BYTES &&
    USER_ID_REGEX.test(value) &&
    value.isWellFormed() &&
    utf8.encode(value).byteLength <= USER_ID_BYTES
  );
}

const BASE = 32;
const TIME_CHARACTERS = 9;
const PROCESS_CHARACTERS = 9;
const COUNTER_CHARACTERS = 4;
const COUNTER_END = BASE ** COUNTER_CHARACTERS;

function digits(value: number, length: number): string {
  return value.toString(BASE).padStart(length, '0');
}

/** @returns a function that gives a new id at each call. */
export function createIdMaker(prefix: string, clock: Clock, random: Random): () => string {
  const drawn = Array.from({ length: PROCESS_CHARACTERS }, () => random.integer(0, BASE - 1));
  const processPart = drawn.map((digit) => digits(digit, 1)).join('');
  let lastMs = 0;
  let counter = 0;
  let head = '';

  function enterMillisecond(ms: number): void {
    lastMs = ms;
    counter = 0;
    head = `${prefix}_${digits(ms, TIME_CHARACTERS)}${processPart}`;
  }

  return () => {
    const nowMs = clock.nowMs();
    if (nowMs > lastMs) enterMillisecond(nowMs);
    // A stepped-back clock or a full counter borrows the next millisecond, so ids still rise.
    else if (++counter === COUNTER_END) enterMillisecond(lastMs + 1);
    return head + digits(counter, COUNTER_CHARACTERS);
  };
}
