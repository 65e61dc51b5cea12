/** Something that is run later, once. Given like the clock, so that tests turn time by hand. */
export type Timers = {
  /** @returns a function that calls it off. */
  after(ms: number, run: () => void): () => void;
};
