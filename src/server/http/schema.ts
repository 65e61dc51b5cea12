/** Schemas that several routes share. A description says what is allowed: errors quote it. */
import { Kind, type TString, Type, TypeRegistry } from '@sinclair/typebox';
import { ID_PATTERN, USER_ID_BYTES, USER_ID_PATTERN } from '../../core/id.ts';
import { LIMIT } from '../../core/limit.ts';
import { MICROS_PER_UNIT } from '../../core/money.ts';
import { hasCharacters } from '../../core/text.ts';

export const Id = Type.String({
  pattern: ID_PATTERN,
  description: 'an id of 1 to 128 characters of A-Z a-z 0-9 _ . : -, but not . or ..',
});

/** Says all but the length in bytes, which `isUserId` judges. */
export const UserId = Type.String({
  pattern: USER_ID_PATTERN,
  minLength: 1,
  maxLength: USER_ID_BYTES,
  description: `an id of 1 to ${USER_ID_BYTES} bytes of UTF-8 without control characters`,
});

const CHARACTERS = 'Characters';

TypeRegistry.Set<{ readonly maxLength: number }>(
  CHARACTERS,
  ({ maxLength }, value) => typeof value === 'string' && hasCharacters(value, maxLength),
);

/** A text of 1 to `most` characters, which JSON Schema counts as code points (the checker: units of 16 bits). */
export function characters(most: number): TString {
  const description = `1 to ${most} characters`;
  return Type.Unsafe<string>({
    [Kind]: CHARACTERS,
    type: 'string',
    minLength: 1,
    maxLength: most,
    description,
  }) as unknown as TString;
}

/** A price or floor as a request gives it. */
export const Amount = Type.Number({
  minimum: 0,
  maximum: LIMIT.priceMicros / MICROS_PER_UNIT,
  description: `an amount in currency units from 0 to ${LIMIT.priceMicros / MICROS_PER_UNIT} with at most 6 decimals`,
});

/** Money in an answer. */
export const Money = Type.Number({ description: 'currency units, at most 6 decimals' });

export const Timestamp = Type.String({ format: 'date-time', description: 'UTC, ISO 8601' });

export const Count = Type.Integer({ minimum: 0 });

export const ErrorBody = Type.Object(
  {
    error: Type.String({ description: 'a stable code in snake_case' }),
    message: Type.String({ description: 'one sentence for a person' }),
  },
  { title: 'Error' },
);
