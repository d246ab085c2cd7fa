import type { PluginVerdict } from '../model/pluginLife.ts'
import type { TrustLevel } from '../model/pluginTrust.ts'

/** On whose word a version comes into service. */
export interface Grant {
  verdict: Exclude<PluginVerdict, 'refused'>
  /** Who asked for the version, and whose word it was; the same where it waited for nobody. */
  requestedBy: string
  decidedBy: string
  /** What the person, or the platform, says to it. */
  comment: string | null
  trust: TrustLevel
  /** What it asks for beyond the version in service, as keys of permissions. */
  gained: readonly string[]
  touchesPii: boolean
  /** The version in service that it was compared with; not looked at where it was compared with none. */
  base: { digest: string | null } | undefined
}

/**
 * The grant of the platform's own code, which needs nobody's agreement: the watcher of a developer's folder, and
 * tests. Whoever can write that folder, or call this, can already do whatever the plugin could.
 */
export const trustedGrant = (by: string): Grant => ({
  verdict: 'trusted',
  requestedBy: by,
  decidedBy: by,
  comment: null,
  trust: 'local',
  gained: [],
  touchesPii: false,
  base: undefined,
})
