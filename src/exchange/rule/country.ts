/**
 * Countries as the world writes them: the codes of ISO 3166-1 alpha-2 in either case, `UK`, and the
 * codes by which those who look up addresses say that they do not know.
 */

// 249 codes, as of 2026.
const ASSIGNED = `
  AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV
  BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES
  ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE
  IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY
  MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU
  NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM
  SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE
  VG VI VN VU WF WS YE YT ZA ZM ZW`;
/** Kosovo has no code of ISO; everyone who looks up addresses gives it this one. */
const KOSOVO = 'XK';
/** Unknown, Tor, an anonymous proxy, a satellite, another: what lookups answer without a country. */
const UNKNOWN = ['', 'XX', 'T1', 'A1', 'A2', 'O1'];
const ALIASES: ReadonlyMap<string, string> = new Map([['UK', 'GB']]);

const CODE = /^[A-Za-z0-9]{0,2}$/;
const COUNTRIES: ReadonlyMap<string, string | null> = new Map<string, string | null>([
  ...[...ASSIGNED.trim().split(/\s+/), KOSOVO].map((code) => [code, code] as const),
  ...ALIASES,
  ...UNKNOWN.map((code) => [code, null] as const),
]);

/** What is allowed, for whoever refuses another text. */
export const COUNTRY_ALLOWED =
  'a country as two letters (ISO 3166-1 alpha-2), such as US; XX, T1, A1 or empty is unknown';

/** The code in capitals, null for an unknown country, undefined for what is no country. */
export function countryOf(text: string): string | null | undefined {
  // Asked first, because other letters have capitals in ASCII, too.
  return CODE.test(text) ? COUNTRIES.get(text.toUpperCase()) : undefined;
}
