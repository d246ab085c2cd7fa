import { insertPluginApproval } from '../../blackboard/query/insertPluginApproval.ts'
import { movePlugin } from '../../blackboard/query/movePlugin.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import { parseInput } from '../admin/parseInput.ts'
import { decidePluginInput, isInService } from '../model/pluginLife.ts'
import { authorOf, nowOf } from '../policy/version.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { loadCandidate, lockCandidate } from './candidate.ts'

/**
 * Refuses a version that waits; what is in service goes on. Who asked for it may take it back this way.
 *
 * @throws forbidden, bad_input, plugin_not_found, plugin_nothing_waits, plugin_overtaken
 */
export async function refusePlugin(reader: Reader, input: unknown): Promise<string> {
  demand(reader, 'approve', 'Plugin')
  const { plugin, digest, comment } = parseInput(decidePluginInput, input)
  const { pkg, diff, base, touchesPii, requestedBy } = await loadCandidate(reader, plugin, digest)
  const { board, principal } = reader
  const { workspaceId } = principal
  const by = authorOf(reader)
  const at = nowOf(board)
  await transact(board.db, async (tx) => {
    const { state } = await lockCandidate(tx, workspaceId, plugin, pkg.digest)
    const next = isInService(state) ? state : 'removed'
    const to = { state: next, reason: null, keepsCandidate: false } as const
    await movePlugin(tx, { workspaceId, id: plugin, ...to, at })
    await insertPluginApproval(tx, {
      workspaceId,
      pluginId: plugin,
      digest: pkg.digest,
      id: board.clock.id(),
      verdict: 'refused',
      baseDigest: base?.digest ?? null,
      gained: diff.gained.map(({ key }) => key),
      touchesPii,
      requestedBy,
      decidedBy: by,
      at,
      comment: comment ?? null,
    })
    await audit(tx, board, {
      workspaceId,
      actor: by,
      action: 'plugin.refuse',
      object: `plugin:${plugin}`,
      payload: { version: pkg.manifest.version, digest: pkg.digest },
    })
  })
  board.signals.send('audit')
  return plugin
}
