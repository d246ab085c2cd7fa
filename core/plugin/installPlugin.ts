import { lockDerivations } from '../../blackboard/query/lockDerivations.ts'
import { lockPlugin } from '../../blackboard/query/lockPlugin.ts'
import { storeCandidate } from '../../blackboard/query/storeCandidate.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { demandBeside } from '../host/canary.ts'
import type { Registry } from '../host/registry.ts'
import { isInService } from '../model/pluginLife.ts'
import { canaryInput } from '../model/pluginRollout.ts'
import { authorOf, nowOf } from '../policy/version.ts'
import type { Reader } from '../read/reader.ts'
import { grantOf } from './grantOf.ts'
import { inspectPlugin, type Inspection } from './inspectPlugin.ts'
import type { Origin } from './origin.ts'

/**
 * Installs a package, or the next version of a plugin. What asks for nothing that somebody has to agree to takes
 * effect at once; anything else waits for `approvePlugin`, and the version in service goes on. With a `canary` share it
 * takes effect on so many percent of the profiles.
 *
 * @throws forbidden, bad_input, plugin_canary_refused, plugin_overtaken, plugin_being_purged, and what makes a package unusable
 */
export async function installPlugin(
  reader: Reader,
  registry: Registry,
  origin: Origin,
  input: unknown = {},
): Promise<Inspection> {
  const { canary = null } = parseInput(canaryInput, input)
  const inspection = await inspectPlugin(reader, origin)
  if (inspection.reasons.length > 0) {
    await ask(reader, inspection, canary)
    return inspection
  }
  const by = authorOf(reader)
  const word = { verdict: 'automatic', requestedBy: by, decidedBy: by, comment: null } as const
  const grant = grantOf(inspection, word)
  await registry.install(reader.principal.workspaceId, inspection.pkg, grant, canary)
  return inspection
}

/** Keeps the version until somebody decides; what waited before does not wait any more. */
async function ask(
  reader: Reader,
  { pkg, trust, reasons, diff }: Inspection,
  share: number | null,
): Promise<void> {
  const { board, principal } = reader
  const { workspaceId } = principal
  const { manifest, bundle, digest, readme = null, signer = null } = pkg
  const { id, version } = manifest
  const by = authorOf(reader)
  await transact(board.db, async (tx) => {
    await lockDerivations(tx, { workspaceId })
    const [plugin] = await lockPlugin(tx, { workspaceId, id })
    if (plugin?.isPurging) throw fail('plugin_being_purged', { plugin: id })
    // Told to who asks, rather than to who agrees.
    if (share !== null) await demandBeside(tx, workspaceId, pkg)
    await storeCandidate(tx, {
      workspaceId,
      id,
      version,
      digest,
      manifest: JSON.stringify(manifest),
      bundle,
      readme,
      trust,
      signer,
      by,
      at: nowOf(board),
      state: plugin && isInService(plugin.state) ? plugin.state : 'awaiting_approval',
      share,
    })
    await audit(tx, board, {
      workspaceId,
      actor: by,
      action: 'plugin.request',
      object: `plugin:${id}`,
      payload: {
        version,
        digest,
        trust,
        reasons,
        share,
        gained: diff.gained.map(({ key }) => key),
      },
    })
  })
  board.signals.send('audit')
}
