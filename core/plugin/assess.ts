import { findBaseVersion } from '../../blackboard/query/findBaseVersion.ts'
import { listManifests } from '../../blackboard/query/listManifests.ts'
import { listPublishers } from '../../blackboard/query/listPublishers.ts'
import { listTrust } from '../../blackboard/query/listTrust.ts'
import type { Handle } from '../../blackboard/statement.ts'
import type { PluginPackage } from '../host/package.ts'
import type { Manifest } from '../model/manifest.ts'
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
import { ringsAmong } from '../model/ring.ts'

export interface Assessment extends Judgement {
  trust: TrustLevel
  /** Undefined where it is unsigned, or signed with a key that nobody has added. */
  publisher: Publisher | undefined
  /** The version in service that it is held against. */
  base: { digest: string; version: string } | null
  /** Capabilities for which that one is trusted too little as well. */
  baseBeyond: Capability[]
  needed: TrustNeeded
  /** Agents, its own among them, of which each wakes the next and the last the first. */
  rings: string[][]
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
  const [[base], publishers, needed, others] = await Promise.all([
    findBaseVersion(handle, { workspaceId, id: manifest.id }),
    listPublishers(handle, { workspaceId }),
    trustNeeded(handle, workspaceId),
    listManifests(handle, { workspaceId, except: manifest.id }),
  ])
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
    rings: ringsThrough(
      manifest,
      others.map((other) => other.manifest),
    ),
  }
}

function ringsThrough(manifest: Manifest, others: readonly Manifest[]): string[][] {
  const isOwn = (agent: string): boolean => agent.startsWith(`${manifest.id}/`)
  return ringsAmong([manifest, ...others]).filter((ring) => ring.some(isOwn))
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

/** The levels that the workspace asks for, as shipped where it says nothing. */
export async function trustNeeded(handle: Handle, workspaceId: number): Promise<TrustNeeded> {
  const rows = await listTrust(handle, { workspaceId })
  return {
    ...shippedTrust,
    ...Object.fromEntries(rows.map(({ capability, level }) => [capability, level])),
  }
}
