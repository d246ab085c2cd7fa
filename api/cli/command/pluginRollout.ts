/** How a new version is tried on some of the profiles, put in service and taken back. */
import type { Command } from 'commander'
import { fail } from '../../../core/errors.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'
import { lower, moved, rowOf, type Rollout } from './pluginView.ts'

interface Options {
  json?: boolean
}

export function addPluginRollout(plugin: Command, table: CommandTable): void {
  plugin
    .command('canary <id>')
    .description('say on how many profiles the version beside the one in service runs')
    .requiredOption('--share <percent>', 'from 1 to 99; more keep those that have it already')
    .option('--json', 'print JSON')
    .action((id: string, { share, ...options }: Options & { share: string }) =>
      change(table, 'setPluginShare', { plugin: id, share: percentOf(share) }, options),
    )

  plugin
    .command('promote <id>')
    .description('put the version that is tried in service for all profiles')
    .option('--json', 'print JSON')
    .action((id: string, options: Options) =>
      change(table, 'promotePlugin', { plugin: id }, options),
    )

  plugin
    .command('rollback <id>')
    .description('one step back: end the trial, or else return to the version before')
    .option('--comment <text>', 'why')
    .option('--json', 'print JSON')
    .action((id: string, { comment, ...options }: Options & { comment?: string }) =>
      change(table, 'rollbackPlugin', { plugin: id, comment }, options),
    )
}

/** @throws bad_input */
export function percentOf(text: string): number {
  const share = Number(text)
  if (Number.isInteger(share) && share >= 1 && share <= 99) return share
  throw fail('bad_input', { path: 'share', reason: 'give a whole number of percent from 1 to 99' })
}

async function change(
  table: CommandTable,
  operation: string,
  input: object,
  options: Options,
): Promise<void> {
  await using client = await table.openClient()
  const plugin = await moved(client, operation, input)
  show(table, options, [rowOf(plugin)])
  if (plugin.rollout && !options.json) writeRollout(table, plugin.rollout)
}

export function writeRollout(table: CommandTable, rollout: Rollout): void {
  const { version, share, state, items, failures, baseItems, baseFailures, reason } = rollout
  const place = state === 'CANARY' ? ` on ${share} % of the profiles` : ''
  const why = reason === null ? '' : ` (${reason})`
  table.write(`Rollout of ${version}: ${lower(state) ?? ''}${place}${why}`)
  table.write(
    `  ${failures} of ${items} items failed; of the version ${state === 'CANARY' ? 'beside' : 'before'} it ` +
      `${baseFailures} of ${baseItems}`,
  )
}
