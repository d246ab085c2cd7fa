import { findBaseVersion } from '../../blackboard/query/findBaseVersion.ts'
import { listPublishers } from '../../blackboard/query/listPublishers.ts'
import { listTrust } from '../../blackboard/query/listTrust.ts'
import type { Handle } from '../../blackboard/statement.ts'
import { fail, type SlateboardError } from '../errors.ts'
import type { PluginPackage } from '../host/package.ts'
import { manifestSchema } from '../model/manifest.ts'
import { judgePlugin, type Judgement } from '../model/pluginApproval.ts'
import { capabilitiesOf, permissionsOf } from '../model/pluginPermission.ts'
import {
  beyondTrust,
  shippedTrust,
  type Capability,
  type Publisher,
  type TrustLevel,
  type TrustNeeded,
} from '../model/pluginTrust.ts'

export interface Assessment extends Judgement {
  trust: TrustLevel
  /** Undefined where it is unsigned, or signed with a key that nobody has added. */
  publisher: Publisher | undefined
  /** The version in service that it is held against. */
  base: { digest: string; version: string } | null
  /** Capabilities for which that one is trusted too little as well. */
  baseBeyond: Capability[]
  needed: TrustNeeded
}

export interface Assessed extends Assessment {
  pkg: PluginPackage
}

/** Holds a package against the version in service and against what the workspace asks of publishers. */
export async function assess(
  handle: Handle,
  workspaceId: number,
  pkg: PluginPackage,
  /** What it is trusted as without a signature, or what it was when it was stored. */
  unsignedAs: TrustLevel,
): Promise<Assessment> {
  const { manifest, signer = null } = pkg
  const [[found], publishers, needed] = await Promise.all([
    findBaseVersion(handle, { workspaceId, id: manifest.id }),
    listPublishers(handle, { workspaceId }),
    trustNeeded(handle, workspaceId),
  ])
  // Stored by an older product it says less than this one reads.
  const base = found && { ...found, manifest: manifestSchema.parse(found.manifest) }
  const publisher = publishers.find(({ key }) => key === signer)
  const trust = trustOf(signer, publishers, unsignedAs)
  return {
    ...judgePlugin(base ?? null, { manifest, trust, signer }, needed),
    trust,
    publisher,
    baseBeyond: base
      ? beyondTrust(
          trustOf(base.signer, publishers, base.trust),
          capabilitiesOf(permissionsOf(base.manifest)),
          needed,
        )
      : [],
    base: base ? { digest: base.digest, version: base.version } : null,
    needed,
  }
}

/** Anybody can make a key: one that is not known says no more than that one hand made the files. */
const trustOf = (
  signer: string | null,
  publishers: readonly Publisher[],
  unsignedAs: TrustLevel,
): TrustLevel =>
  signer === null
    ? unsignedAs
    : (publishers.find(({ key }) => key === signer)?.level ?? 'community')

/** That it is trusted too little for what it uses. */
export const trustTooLow = (
  { pkg, trust, needed }: Assessed,
  capabilities: readonly Capability[],
): SlateboardError =>
  fail('plugin_trust_low', {
    plugin: pkg.manifest.id,
    trust,
    capabilities: capabilities.join(', '),
    needed: capabilities.map((capability) => `${needed[capability]} for ${capability}`).join(', '),
  })

/** The levels that the workspace asks for, as shipped where it says nothing. */
export async function trustNeeded(handle: Handle, workspaceId: number): Promise<TrustNeeded> {
  const rows = await listTrust(handle, { workspaceId })
  return {
    ...shippedTrust,
    ...Object.fromEntries(rows.map(({ capability, level }) => [capability, level])),
  }
}
