import { countHoldings, type HoldingsRow } from '../../blackboard/query/countHoldings.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import type { Registry } from '../host/registry.ts'
import { pluginInput } from '../model/pluginLife.ts'
import { authorOf } from '../policy/version.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'

/** All that a plugin has in the workspace, counted exactly. */
export type Holdings = HoldingsRow

/**
 * Takes a plugin out of service. What it wrote, its versions and what waits for its agents stay, so that it can
 * come back; what it was permitted is not remembered.
 *
 * @throws forbidden, bad_input, plugin_not_found
 */
export async function removePlugin(
  reader: Reader,
  registry: Registry,
  input: unknown,
): Promise<{ plugin: string; kept: Holdings }> {
  demand(reader, 'administer', 'Plugin')
  const { plugin } = parseInput(pluginInput, input)
  await registry.remove(reader.principal.workspaceId, plugin, authorOf(reader))
  reader.board.signals.send('audit')
  return { plugin, kept: await holdingsOf(reader, plugin) }
}

/** What `purgePlugin` would delete. @throws forbidden */
export async function holdingsOf(reader: Reader, plugin: string): Promise<Holdings> {
  demand(reader, 'read', 'Plugin')
  const { board, principal } = reader
  const { workspaceId } = principal
  const [row] = await countHoldings(board.db.sql, { workspaceId, id: plugin })
  if (!row) throw fail('plugin_not_found', { plugin })
  return row
}
