/** What a lost output means: the end of a command that prints, nothing to a node that serves. */
import { REFUSED } from './option.ts';

type OutputError = Error & { readonly code?: string };

/** For a command that is there to print. */
export function endWhenOutputIsLost(): void {
  process.stdout.on('error', (error: OutputError) => {
    // Whoever reads has seen enough, such as `head`: what is left has no reader.
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`error: cannot write the output: ${error.message}\n`);
    process.exit(REFUSED.exitCode);
  });
  // There is nobody left whom it could be said to.
  process.stderr.on('error', () => {});
}

/** For a node: what reads its log may end, and a disk that keeps it may fill, and it serves on. */
export function goOnWhenOutputIsLost(): void {
  process.stdout.removeAllListeners('error').on('error', () => {});
}
