/**
 * Ids: which strings are valid ids, and how new ids are made.
 *
 * A new id is `<prefix>_` and 22 characters of `0-9a-v`: 9 for the time in milliseconds, 9 drawn
 * once per process, 4 for a counter. It needs no coordination, sorts by time within a process, and
 * is unique across processes as far as 45 random bits are.
 */
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/**
 * Every id that clients send or receive, except a bidder's. Safe in SQL, Lua arguments, NATS
 * subjects, paths and JSON: `.` and `..` are refused, since clients resolve them in paths.
 */
export const ID_PATTERN = '^(?!\\.{1,2}$)[A-Za-z0-9_.:-]{1,128}$';

const ID_REGEX = new RegExp(ID_PATTERN);

/** A pattern converts its argument to a string: without this check 12345 and null would be ids. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID_REGEX.test(value);
}

/** Longest bidder id, in bytes of UTF-8. */
export const USER_ID_BYTES = 256;
/** The part a schema can express: no control character and no line break of any kind. */
export const USER_ID_PATTERN = '^[^\\u0000-\\u001F\\u007F-\\u009F\\u2028\\u2029]+$';

const USER_ID_REGEX = new RegExp(USER_ID_PATTERN);
const utf8 = new TextEncoder();

/**
 * A bidder's id. Clients choose it, so it may be any single line of text, such as `auth0|64f1`, an
 * e-mail address or a URL. It is always a value, and never goes unescaped into a key, subject or
 * path.
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

/** @returns a function that returns a new id at each call. */
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
