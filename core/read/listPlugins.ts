import {
  listPlugins as list,
  type PluginRow,
  type StoredRollout,
  type StoredVersion,
} from '../../blackboard/query/listPlugins.ts'
import { trustNeeded } from '../plugin/assess.ts'
import { judgePlugin } from '../model/pluginApproval.ts'
import { permissionsOf, type Permission, type PermissionDiff } from '../model/pluginPermission.ts'
import { isInService, type PluginState } from '../model/pluginLife.ts'
import type { Capability, TrustLevel } from '../model/pluginTrust.ts'
import { demand } from './reader.ts'
import type { Reader } from './reader.ts'

/** A version of a plugin, as it was installed. */
export interface PluginVersionView {
  digest: string
  version: string
  name: string
  description: string | null
  readme: string | null
  trust: TrustLevel
  /** The key that it is signed with, and the name of who is known by it. */
  signer: string | null
  publisher: string | null
  permissions: Permission[]
  installedBy: string
  installedAt: Date
  /** Whose word it came into service on; null while it waits. */
  approvedBy: string | null
  approvedAt: Date | null
}

/** A version that waits for approval. */
export interface PluginCandidateView {
  version: PluginVersionView
  requestedBy: string
  requestedAt: Date
  diff: PermissionDiff
  reasons: string[]
  touchesPii: boolean
  beyond: Capability[]
  /** The percent of profiles that it is to be tried on; null for all. */
  share: number | null
}

export interface PluginRolloutView extends Omit<StoredRollout, 'startedAt' | 'endedAt'> {
  startedAt: Date
  endedAt: Date | null
}

export interface PluginView {
  id: string
  state: PluginState
  reason: string | null
  updatedAt: Date
  /** In service, or that was last. */
  current: PluginVersionView | null
  candidate: PluginCandidateView | null
  /** The version before, to which it can be rolled back. */
  previous: PluginVersionView | null
  /** The newest rollout: under way, or how the last one ended. */
  rollout: PluginRolloutView | null
  /** Reactions that wait for its agents. */
  waiting: number
  versions: number
  purge: PluginRow['purge']
}

/** Every plugin that the workspace ever had, or those named. @throws forbidden */
export async function listPlugins(
  reader: Reader,
  ids: readonly string[] | null = null,
): Promise<PluginView[]> {
  demand(reader, 'read', 'Plugin')
  const { board, principal } = reader
  const { workspaceId } = principal
  const { sql } = board.db
  const [rows, needed] = await Promise.all([
    list(sql, { workspaceId, ids }),
    trustNeeded(sql, workspaceId),
  ])
  return rows.map(({ current, candidate, candidateBy, candidateAt, candidateShare, ...row }) => ({
    ...row,
    current: current && versionOf(current),
    previous: row.previous && versionOf(row.previous),
    rollout: row.rollout && rolloutOf(row.rollout),
    candidate:
      candidate && candidateBy !== null && candidateAt
        ? {
            version: versionOf(candidate),
            requestedBy: candidateBy,
            requestedAt: candidateAt,
            share: candidateShare,
            ...judgePlugin(isInService(row.state) ? current : null, candidate, needed),
          }
        : null,
  }))
}

const rolloutOf = ({ startedAt, endedAt, ...rollout }: StoredRollout): PluginRolloutView => ({
  ...rollout,
  startedAt: new Date(startedAt),
  endedAt: endedAt === null ? null : new Date(endedAt),
})

function versionOf(stored: StoredVersion): PluginVersionView {
  const { manifest, verdict, decidedBy, decidedAt, installedAt, ...version } = stored
  const isDecided = verdict !== null && verdict !== 'refused'
  return {
    ...version,
    name: manifest.name,
    description: manifest.description ?? null,
    permissions: permissionsOf(manifest),
    installedAt: new Date(installedAt),
    approvedBy: isDecided ? decidedBy : null,
    approvedAt: isDecided && decidedAt !== null ? new Date(decidedAt) : null,
  }
}
