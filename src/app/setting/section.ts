/** What a setting is, and a section of them: the settings of one subject. */

/** How a text of the environment becomes a value, and how that is said to a person. */
export type Setting<Value> = {
  readonly variable: string;
  /** The text in force when the variable is unset or empty; empty is "none". */
  readonly fallback: string;
  readonly allowed: string;
  readonly purpose: string;
  readonly isSecret?: boolean;
  /** Undefined when the text is not allowed. An empty text comes only from an empty `fallback`. */
  read(text: string): Value | undefined;
};

export type Rows = Readonly<Record<string, Setting<unknown>>>;

/** The values of a record of settings, under the same names. */
export type ValuesOf<Of extends Rows> = {
  readonly [Name in keyof Of]: Of[Name] extends Setting<infer Value> ? Value : never;
};

export type Section<Of extends Rows> = {
  readonly title: string;
  readonly rows: Of;
  /**
   * What contradicts or has no effect, a sentence each. A value that was refused is undefined.
   * @param isGiven whether the environment sets a variable
   */
  faults(values: Partial<ValuesOf<Of>>, isGiven: (variable: string) => boolean): readonly string[];
};

export function setting<Value>(definition: Setting<Value>): Setting<Value> {
  return definition;
}

export function section<Of extends Rows>(definition: Section<Of>): Section<Of> {
  return definition;
}

/** The sentences of the faults that are there. */
export function sentencesOf(faults: readonly (readonly [isThere: boolean, sentence: string])[]) {
  return faults.filter(([isThere]) => isThere).map(([, sentence]) => sentence);
}

export function noFaults(): readonly string[] {
  return [];
}
