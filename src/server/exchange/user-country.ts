/** The country of the user of an auction: what the body says, else the header of whoever knows. */
import { countryOf } from '../../exchange/rule/country.ts';
import { invalid } from '../http/http-error.ts';
import { Country } from './schema.ts';

/** Null when it is unknown. @throws HttpError 400 */
export function userCountry(headers: Headers, inBody?: string): string | null {
  return read('country', inBody ?? null) ?? read('X-Country', headers.get('x-country'));
}

function read(place: string, text: string | null): string | null {
  if (text === null) return null;
  const country = countryOf(text);
  if (country === undefined) throw invalid(`${place}: expected ${Country.description}.`);
  return country;
}
