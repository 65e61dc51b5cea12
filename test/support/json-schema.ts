/**
 * Validates a value against a plain JSON Schema, as a reader of the OpenAPI document would.
 *
 * It knows the keywords that the document uses and throws on any other, so that no keyword goes
 * unchecked.
 */
export type JsonSchema = Readonly<Record<string, unknown>>;

type Check = (value: unknown, keyword: never, context: Context) => boolean;
type Context = { readonly schema: JsonSchema; readonly root: JsonSchema; readonly path: string };

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

const SIMPLE: Readonly<Record<string, Check>> = {
  type: (value, type: string) => TYPES[type]?.(value) ?? false,
  const: (value, wanted: unknown) => value === wanted,
  enum: (value, wanted: readonly unknown[]) => wanted.includes(value),
  pattern: (value, pattern: string) => ifText(value, (text) => new RegExp(pattern).test(text)),
  minLength: (value, least: number) => ifText(value, (text) => [...text].length >= least),
  maxLength: (value, most: number) => ifText(value, (text) => [...text].length <= most),
  format: (value, format: string) => ifText(value, (text) => isFormat(text, format)),
  minimum: (value, least: number) => typeof value !== 'number' || value >= least,
  maximum: (value, most: number) => typeof value !== 'number' || value <= most,
  minItems: (value, least: number) => !Array.isArray(value) || value.length >= least,
  maxItems: (value, most: number) => !Array.isArray(value) || value.length <= most,
  required: (value, names: readonly string[]) =>
    !isObject(value) || names.every((name) => Object.hasOwn(value, name)),
};

const NOTES = [
  'examples',
  'description',
  'title',
  'properties',
  'patternProperties',
  'items',
  'anyOf',
  '$ref',
];

/**
 * Every fault with its path; none when the value fits. @throws on a keyword that it does not know.
 */
export function schemaFaults(value: unknown, schema: JsonSchema, root: JsonSchema): string[] {
  return faultsAt(value, { schema, root, path: '$' });
}

function faultsAt(value: unknown, context: Context): string[] {
  const { schema, path } = context;
  const simple = Object.entries(schema).flatMap(([name, keyword]) => {
    if (NOTES.includes(name)) return [];
    const check = SIMPLE[name];
    if (check === undefined) throw new Error(`${path}: unknown keyword ${name}`);
    return check(value, keyword as never, context) ? [] : [`${path}: not ${name} ${keyword}`];
  });
  return [...simple, ...inner(value, context)];
}

function inner(value: unknown, context: Context): string[] {
  const { schema, root, path } = context;
  const at = (child: unknown, next: unknown, step: string) =>
    faultsAt(child, { schema: next as JsonSchema, root, path: path + step });
  const faults: string[] = [];
  const { $ref, anyOf, items, properties = {}, patternProperties = {} } = schema;
  if (typeof $ref === 'string') faults.push(...at(value, resolveRef($ref, root), ''));
  if (Array.isArray(anyOf) && anyOf.every((one) => at(value, one, '').length > 0)) {
    faults.push(`${path}: fits none of anyOf`);
  }
  if (items !== undefined && Array.isArray(value)) {
    faults.push(...value.flatMap((item, index) => at(item, items, `[${index}]`)));
  }
  if (!isObject(value)) return faults;
  for (const [name, next] of Object.entries(properties as JsonSchema)) {
    if (Object.hasOwn(value, name)) faults.push(...at(value[name], next, `.${name}`));
  }
  for (const [pattern, next] of Object.entries(patternProperties as JsonSchema)) {
    const names = Object.keys(value).filter((name) => new RegExp(pattern).test(name));
    faults.push(...names.flatMap((name) => at(value[name], next, `.${name}`)));
  }
  return faults;
}

/** What a `#/a/b` points to. @throws when there is nothing. */
export function resolveRef(ref: string, root: JsonSchema): JsonSchema {
  const steps = ref.replace(/^#\//, '').split('/');
  const target = steps.reduce<unknown>(
    (node, step) => (isObject(node) ? node[step] : undefined),
    root,
  );
  if (!ref.startsWith('#/') || !isObject(target)) throw new Error(`${ref} points nowhere`);
  return target;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ifText(value: unknown, check: (text: string) => boolean): boolean {
  return typeof value !== 'string' || check(value);
}

function isFormat(text: string, format: string): boolean {
  if (format !== 'date-time') throw new Error(`unknown format ${format}`);
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text));
}
