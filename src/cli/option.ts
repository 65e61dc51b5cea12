/** What the commands share: reading a number, and ending with a sentence and an exit code. */
import { type Command, InvalidArgumentError } from 'commander';

/** Exit code 1: what was asked for is well formed and was refused, or could not be done. */
export const REFUSED = { code: 'gavel.refused', exitCode: 1 };
/** Exit code 2: what was asked for makes no sense. */
export const MISUSED = { code: 'gavel.misused', exitCode: 2 };

export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
  };
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Ends the command, because a file could not be read or written, with the system's reason. */
export function endForFile(command: Command, what: string): (error: unknown) => never {
  return (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    command.error(`error: cannot ${what}: ${reason}`, REFUSED);
  };
}
