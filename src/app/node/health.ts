/** What a node's health is made of: its parts, each of which knows whether it is there. */
import type { HealthReport } from '../../server/http/health.ts';

export type HealthPart = { readonly name: string; isUp(): boolean | Promise<boolean> };

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
      const areUp = await Promise.all(parts.map(({ isUp }) => isUp()));
      const degraded = parts.filter((_, index) => !areUp[index]).map(({ name }) => name);
      return {
        degraded: [...new Set(degraded)],
        deadLetters: counts.reduce((sum, one) => sum + one, 0),
      };
    },
  };
}
