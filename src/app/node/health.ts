/** What a node's health is made of: its parts, each of which knows whether it is there. */
import type { HealthReport } from '../../server/http/health.ts';

export type HealthPart = { readonly name: string; isUp(): boolean };

export type HealthWatch = {
  add(part: HealthPart): void;
  /** @param count how many events a part has put aside. */
  addLetters(count: () => Promise<number>): void;
  report(): Promise<HealthReport>;
};

export function createHealthWatch(): HealthWatch {
  const parts: HealthPart[] = [];
  const letters: (() => Promise<number>)[] = [];

  return {
    add: (part) => {
      parts.push(part);
    },
    addLetters: (count) => {
      letters.push(count);
    },
    report: async () => {
      // A part that is away is told as such; its letters are told when it is back.
      const counts = await Promise.all(letters.map((count) => count().catch(() => 0)));
      return {
        degraded: parts.filter(({ isUp }) => !isUp()).map(({ name }) => name),
        deadLetters: counts.reduce((sum, one) => sum + one, 0),
      };
    },
  };
}
