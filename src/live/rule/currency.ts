/** Currencies by their ISO 4217 codes, each with its minor unit: the finest amount that can be paid. */
import { MICROS_PER_UNIT, type Micros, toMicros } from '../../core/money.ts';

/** As an item keeps it, so that its rounding never changes. */
export type Currency = { readonly code: string; readonly minorMicros: Micros };

/** Decimals of the minor unit, and the codes that have so many. */
const CODES: readonly (readonly [decimals: number, codes: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
     CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
     GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL
     MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK
     PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
     TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`,
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];

const BY_CODE = new Map(
  CODES.flatMap(([decimals, codes]) => {
    const minorMicros = toMicros(MICROS_PER_UNIT / 10 ** decimals);
    return codes.split(/\s+/).map((code) => [code, { code, minorMicros }] as const);
  }),
);

/** @param code in capitals; undefined for one that is not of ISO 4217 */
export function findCurrency(code: string): Currency | undefined {
  return BY_CODE.get(code);
}

/** Of items that were defined before items had one. */
export const DOLLAR: Currency = { code: 'USD', minorMicros: toMicros(MICROS_PER_UNIT / 100) };

export function currencyOf(policy: { readonly currency?: Currency }): Currency {
  return policy.currency ?? DOLLAR;
}

/** How many decimals an amount of the currency may have. */
export function decimalsOf({ minorMicros }: Currency): number {
  return Math.round(Math.log10(MICROS_PER_UNIT / minorMicros));
}

/** Whether nobody could pay it: it is finer than the minor unit. */
export function isTooFine(amountMicros: Micros | null, { minorMicros }: Currency): boolean {
  return amountMicros !== null && amountMicros % minorMicros !== 0;
}
