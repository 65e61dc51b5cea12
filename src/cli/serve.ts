import { type Command, InvalidArgumentError, Option } from 'commander';
import { serve } from '../app/command/serve.ts';
import { availableWorkers, serveWorkers, workerOf } from '../app/command/workers.ts';
import { ROLES, type Role, readRoleConfig } from '../app/node/role.ts';
import { goOnWhenOutputIsLost } from './output.ts';

type Options = { readonly role: Role; readonly workers: number };

/** `gavel serve`: runs a node until SIGINT or SIGTERM. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('serve over HTTP until SIGINT or SIGTERM')
    .addOption(
      new Option('-r, --role <role>', 'what this node does of what many share')
        .choices(ROLES)
        .default('all'),
    )
    .option(
      '-w, --workers <count>',
      'processes that share the port; auto starts one per processor',
      workers,
      1,
    )
    .action(({ role, workers: count }: Options) => {
      goOnWhenOutputIsLost();
      const config = readRoleConfig(role);
      const worker = workerOf();
      return worker === null && count > 1
        ? serveWorkers({ config, role, count })
        : serve({ config, role, worker });
    });
}

function workers(text: string): number {
  if (text === 'auto') return availableWorkers();
  const count = Number(text);
  if (/^\d{1,3}$/.test(text) && count >= 1 && count <= 256) return count;
  throw new InvalidArgumentError('Expected auto or a whole number from 1 to 256.');
}
