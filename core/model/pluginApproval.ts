/** Whether a version takes effect at once or waits for somebody's word, and why. Pure. */
import type { Manifest } from './manifest.ts'
import {
  capabilitiesOf,
  diffPermissions,
  permissionsOf,
  type Permission,
  type PermissionDiff,
} from './pluginPermission.ts'
import {
  beyondTrust,
  trustLevels,
  type Capability,
  type TrustLevel,
  type TrustNeeded,
} from './pluginTrust.ts'

/** A version as far as it is judged. */
export interface Judged {
  manifest: Manifest
  trust: TrustLevel
  /** The key that it is signed with. */
  signer: string | null
}

export interface Judgement {
  permissions: Permission[]
  diff: PermissionDiff
  /** Why somebody has to agree; empty where it takes effect at once. */
  reasons: string[]
  /** Agreeing to it is for somebody else than who asks for it. */
  touchesPii: boolean
  /** Capabilities for which it is trusted too little: only an administrator may agree. */
  beyond: Capability[]
}

/**
 * Holds a version against the one in service. The first one waits where it asks for a capability; a later one
 * where it asks for more than before, or is trusted less, or comes from another publisher.
 */
export function judgePlugin(base: Judged | null, next: Judged, needed: TrustNeeded): Judgement {
  const permissions = permissionsOf(next.manifest)
  const diff = diffPermissions(base ? permissionsOf(base.manifest) : [], permissions)
  const used = capabilitiesOf(permissions)
  const gained = capabilitiesOf(diff.gained)
  const doubts = base && used.length > 0 ? doubtsAbout(base, next) : []
  return {
    permissions,
    diff,
    reasons: [...(base ? widening(diff) : used.map(firstUse)), ...doubts],
    touchesPii: gained.includes('pii') || (doubts.length > 0 && used.includes('pii')),
    beyond: beyondTrust(next.trust, used, needed),
  }
}

const capabilityText = {
  pii: 'reads personal data',
  network: 'sends requests over the network',
  process: 'runs outside the sandbox',
} as const satisfies Record<Capability, string>

const firstUse = (capability: Capability): string => `It ${capabilityText[capability]}.`

const widening = ({ gained }: PermissionDiff): string[] =>
  gained.length === 0
    ? []
    : [
        gained.length === 1
          ? 'It asks for one thing more than the version in service.'
          : `It asks for ${gained.length} things more than the version in service.`,
      ]

/** Code with the same permissions is not the same to a reader of personal data when somebody else wrote it. */
function doubtsAbout(base: Judged, next: Judged): string[] {
  const isLess = trustLevels.indexOf(next.trust) > trustLevels.indexOf(base.trust)
  if (isLess) {
    return [`It is trusted as ${next.trust}, the version in service as ${base.trust}.`]
  }
  return base.signer !== null && next.signer !== base.signer
    ? ['It is not signed with the key of the version in service.']
    : []
}
