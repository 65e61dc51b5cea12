/** Reading the entries of a data file: their names, their paths and the values that nouns share. */
import { isId } from '../../core/id.ts';
import { LIMIT } from '../../core/limit.ts';
import {
  decimalFromMicros,
  type Micros,
  microsFromDecimal,
  toMicros,
  ZERO_MICROS,
} from '../../core/money.ts';
import type { FaultList } from './fault-list.ts';

/** Any value of the file with the path that leads to it. */
export type Place = { readonly path: string; readonly value: unknown };

/** A named entry of a section. */
export type Entry = Place & { readonly id: string };

/** An object that holds an entry for each name. */
export type Section = Place & { readonly most: number };

export type JsonObject = Readonly<Record<string, unknown>>;

const MOST_UNITS = decimalFromMicros(toMicros(LIMIT.priceMicros));
const QUOTED_CHARACTERS = 64;

/** @returns `undefined`, with its fault noted, when there is no such section to go through. */
export function readEntries(section: Section, faults: FaultList): Entry[] | undefined {
  const { path: name, value: entries, most } = section;
  if (!isObject(entries)) {
    faults.add(name, 'must be an object with an entry for each name');
    return undefined;
  }
  const ids = Object.keys(entries);
  if (ids.length > most) {
    faults.add(name, `must hold at most ${most} names, not ${ids.length}`);
    return undefined;
  }
  return ids.map((id) => {
    const path = `${name}${pathStep(id)}`;
    checkName(id, path, faults);
    return { id, path, value: entries[id] };
  });
}

function checkName(id: string, path: string, faults: FaultList): void {
  if (!isId(id)) {
    faults.add(path, 'a name must be 1 to 128 letters, digits or any of _ . : -, but not . or ..');
  } else if (id in Object.prototype) {
    // Such a name as a key of somebody's plain object would reach its prototype.
    faults.add(path, `the name ${quote(id)} is reserved`);
  }
}

/** A price, floor or increment in decimal units, or its default when it is absent. */
export function readPrice({ path, value }: Place, otherwise: Micros, faults: FaultList): Micros {
  if (value === undefined) return otherwise;
  const micros = typeof value === 'number' ? microsFromDecimal(value) : undefined;
  if (micros !== undefined && micros >= 0 && micros <= LIMIT.priceMicros) {
    // A written -0 is a plain zero.
    return micros === 0 ? ZERO_MICROS : micros;
  }
  faults.add(path, `must be a number from 0 to ${MOST_UNITS} with at most six decimal places`);
  return otherwise;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the file says, short enough for a sentence about it. */
export function quote(text: string): string {
  const short = text.length > QUOTED_CHARACTERS ? `${text.slice(0, QUOTED_CHARACTERS)}…` : text;
  return JSON.stringify(short);
}

/** How a path goes on to a name. */
export function pathStep(id: string): string {
  return isId(id) && !id.includes('.') ? `.${id}` : `[${quote(id)}]`;
}
