import { sql } from 'drizzle-orm/sql/sql'
import type { Manifest } from '../../core/model/manifest.ts'
import type { PluginState, PluginVerdict } from '../../core/model/pluginLife.ts'
import type { RolloutCounts, RolloutState } from '../../core/model/pluginRollout.ts'
import type { TrustLevel } from '../../core/model/pluginTrust.ts'
import { statement } from '../statement.ts'

/** A version as it stands in the answer: times are ISO 8601. */
export interface StoredVersion {
  digest: string
  version: string
  manifest: Manifest
  readme: string | null
  trust: TrustLevel
  signer: string | null
  publisher: string | null
  installedBy: string
  installedAt: string
  verdict: PluginVerdict | null
  decidedBy: string | null
  decidedAt: string | null
}

/** The newest, under way or over; times are ISO 8601. */
export interface StoredRollout extends RolloutCounts {
  version: string
  digest: string
  state: RolloutState
  share: number
  startedBy: string
  startedAt: string
  endedAt: string | null
  reason: string | null
}

export interface PluginRow {
  id: string
  state: PluginState
  reason: string | null
  updatedAt: Date
  /** The one that was in service before. */
  previous: StoredVersion | null
  candidateBy: string | null
  candidateAt: Date | null
  candidateShare: number | null
  current: StoredVersion | null
  candidate: StoredVersion | null
  rollout: StoredRollout | null
  /** Reactions that wait for its agents. */
  waiting: number
  versions: number
  /** How far the deletion of what it left is. */
  purge: {
    state: 'purging' | 'done'
    profiles: number
    values: number
    changes: number
    holds: number
    reactions: number
  } | null
}

const timeOf = (column: string) =>
  sql.raw(`to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`)

const versionOf = (digest: 'digest' | 'previous_digest' | 'candidate_digest') => sql`(
  select json_build_object('digest', v.digest, 'version', v.version, 'manifest', v.manifest,
    'readme', v.readme, 'trust', v.trust, 'signer', v.publisher_key, 'publisher', k.name,
    'installedBy', v.installed_by,
    'installedAt', ${timeOf('v.installed_at')}, 'verdict', a.verdict, 'decidedBy', a.decided_by,
    'decidedAt', ${timeOf('a.decided_at')})
  from plugin_version v
  left join plugin_publisher k on k.workspace_id = v.workspace_id and k.key = v.publisher_key
  left join lateral (
    select verdict, decided_by, decided_at from plugin_approval a
    where a.workspace_id = v.workspace_id and a.plugin_id = v.plugin_id and a.digest = v.digest
      and a.verdict not in ('promoted', 'rolled_back')
    order by a.id desc limit 1
  ) as a on true
  where v.workspace_id = p.workspace_id and v.plugin_id = p.id and v.digest = p.${sql.raw(digest)})`

/** Every plugin that the workspace ever had, or those named, with the versions in service and in waiting. */
export const listPlugins = statement<
  { workspaceId: number; ids: readonly string[] | null },
  PluginRow
>(
  (arg) => sql`
    select p.id, p.state, p.reason, p.updated_at as "updatedAt", p.candidate_by as "candidateBy",
      p.candidate_at as "candidateAt", p.candidate_share as "candidateShare",
      ${versionOf('digest')} as current, ${versionOf('previous_digest')} as previous,
      ${versionOf('candidate_digest')} as candidate,
      (select json_build_object('version', v.version, 'digest', r.digest, 'state', r.state, 'share', r.share,
          'items', r.items, 'failures', r.failures, 'baseItems', r.base_items,
          'baseFailures', r.base_failures, 'startedBy', r.started_by, 'startedAt', ${timeOf('r.started_at')},
          'endedAt', ${timeOf('r.ended_at')}, 'reason', r.reason)
        from plugin_rollout r
        join plugin_version v on v.workspace_id = r.workspace_id and v.plugin_id = r.plugin_id
          and v.digest = r.digest
        where r.workspace_id = p.workspace_id and r.plugin_id = p.id
        order by r.id desc limit 1) as rollout,
      (select count(*)::int from agenda a where a.workspace_id = p.workspace_id
        and split_part(a.agent, '/', 1) = p.id) as waiting,
      (select count(*)::int from plugin_version v where v.workspace_id = p.workspace_id
        and v.plugin_id = p.id) as versions,
      (select json_build_object('state', g.state, 'profiles', g.profiles, 'values', g.trait_values,
          'changes', g.changes, 'holds', g.holds, 'reactions', g.reactions)
        from plugin_purge g where g.workspace_id = p.workspace_id and g.plugin_id = p.id
        order by g.id desc limit 1) as purge
    from plugin p
    where p.workspace_id = ${arg.workspaceId}::int
      and (${arg.ids}::text[] is null or p.id = any(${arg.ids}::text[]))
    order by p.id`,
)
