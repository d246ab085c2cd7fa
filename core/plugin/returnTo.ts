import type { Registry } from '../host/registry.ts'
import { trustTooLow, type Assessed } from './assess.ts'
import { grantOf } from './grantOf.ts'

interface Return {
  workspaceId: number
  /** The version before the one in service. */
  found: Assessed
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
  registry: Registry,
  { workspaceId, found, by, comment }: Return,
): Promise<void> {
  const { pkg, beyond, baseBeyond } = found
  const refused = beyond.filter((capability) => !baseBeyond.includes(capability))
  if (refused.length > 0) throw trustTooLow(found, refused)
  const word = { verdict: 'rolled_back', requestedBy: by, decidedBy: by, comment } as const
  await registry.install(workspaceId, pkg, grantOf(found, word))
}
