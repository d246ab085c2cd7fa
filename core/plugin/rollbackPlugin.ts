import { findTakenBack } from '../../blackboard/query/findTakenBack.ts'
import { lockPlugin } from '../../blackboard/query/lockPlugin.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { endCanary } from '../host/canary.ts'
import type { Registry } from '../host/registry.ts'
import { isInService } from '../model/pluginLife.ts'
import { rollbackInput } from '../model/pluginRollout.ts'
import { authorOf } from '../policy/version.ts'
import { demand, type Reader } from '../read/reader.ts'
import { returnTo } from './returnTo.ts'
import { storedVersion } from './storedVersion.ts'

/**
 * One step back: a version that is tried on a share of the profiles is taken back, else the version before the one in
 * service takes over again. Done once more, it returns to what was left.
 *
 * @throws forbidden, bad_input, plugin_not_found, plugin_state_refused, plugin_no_previous, plugin_taken_back, and
 * what keeps the version before from running: plugin_digest_mismatch, plugin_incompatible, plugin_trust_low, plugin_overtaken,
 * plugin_config_refused, trait_owned, trait_in_policy, purpose_not_inherited, plugin_load_failed
 */
export async function rollbackPlugin(
  reader: Reader,
  registry: Registry,
  input: unknown,
): Promise<string> {
  demand(reader, 'administer', 'Plugin')
  const { plugin, comment } = parseInput(rollbackInput, input)
  const { board, principal } = reader
  const { workspaceId } = principal
  const by = authorOf(reader)
  const [row] = await lockPlugin(board.db.sql, { workspaceId, id: plugin })
  if (!row || row.state === 'purged') throw fail('plugin_not_found', { plugin })
  const { state, canaryDigest: canary, previousDigest: digest } = row
  if (!isInService(state)) {
    const remedy = 'Install the version that is to run.'
    throw fail('plugin_state_refused', { plugin, state, wanted: 'rolled back', remedy })
  }
  if (canary !== null) {
    const reason = comment ?? 'stopped'
    await endCanary(board, { workspaceId, plugin, by, reason, digest: canary })
    await registry.refresh()
    board.signals.send('plugin')
  } else if (digest === null) {
    throw fail('plugin_no_previous', { plugin })
  } else {
    await refuseTakenBack(reader, plugin, digest)
    const found = await storedVersion(board, { workspaceId, id: plugin, digest })
    await returnTo(registry, { workspaceId, found, by, comment: comment ?? null })
  }
  board.signals.send('audit')
  board.signals.send('agenda')
  return plugin
}

/** Who steps back from a version that fails may come a moment after the platform did: a step more is not meant. */
const settleMs = 60_000

async function refuseTakenBack(
  { board, principal: { workspaceId } }: Reader,
  plugin: string,
  digest: string,
): Promise<void> {
  const [taken] = await findTakenBack(board.db.sql, { workspaceId, plugin })
  if (!taken) return
  const isFresh = board.clock.now().getTime() - taken.endedAt.getTime() < settleMs
  if (!isFresh && taken.digest !== digest) return
  throw fail('plugin_taken_back', { plugin, reason: taken.reason })
}
