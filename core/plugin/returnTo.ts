import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import type { Registry } from '../host/registry.ts'
import { storedVersion } from './storedVersion.ts'

interface Return {
  workspaceId: number
  plugin: string
  /** Of the version before the one in service. */
  digest: string
  by: string
  comment: string | null
}

/**
 * Puts the version before back in service. Nobody is asked again: to its permissions, those for personal data as well,
 * somebody agreed for the very same bytes, and who steps back has no time to wait for a second person. What is
 * gained is on record with who did it, and policies decide every read as before. What has changed since does count: a
 * version that the workspace would trust too little today, and the one that runs not, stays out.
 *
 * @throws plugin_trust_low, and what keeps a version from being put in service
 */
export async function returnTo(
  board: Board,
  registry: Registry,
  { workspaceId, plugin, digest, by, comment }: Return,
): Promise<void> {
  const found = await storedVersion(board, { workspaceId, id: plugin, digest })
  const { pkg, trust, diff, base, touchesPii, beyond, baseBeyond, needed } = found
  const refused = beyond.filter((capability) => !baseBeyond.includes(capability))
  if (refused.length > 0) {
    throw fail('plugin_trust_low', {
      plugin,
      trust,
      capabilities: refused.join(', '),
      needed: refused.map((capability) => `${needed[capability]} for ${capability}`).join(', '),
    })
  }
  await registry.install(workspaceId, pkg, {
    verdict: 'rolled_back',
    requestedBy: by,
    decidedBy: by,
    comment,
    trust,
    gained: diff.gained.map(({ key }) => key),
    touchesPii,
    base: { digest: base?.digest ?? null },
  })
}
