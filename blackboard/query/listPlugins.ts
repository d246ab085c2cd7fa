import { sql } from 'drizzle-orm/sql/sql'
import type { Manifest } from '../../core/model/manifest.ts'
import type { PluginState, PluginVerdict } from '../../core/model/pluginLife.ts'
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

export interface PluginRow {
  id: string
  state: PluginState
  reason: string | null
  updatedAt: Date
  previousDigest: string | null
  candidateBy: string | null
  candidateAt: Date | null
  current: StoredVersion | null
  candidate: StoredVersion | null
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

const versionOf = (digest: 'digest' | 'candidate_digest') => sql`(
  select json_build_object('digest', v.digest, 'version', v.version, 'manifest', v.manifest,
    'readme', v.readme, 'trust', v.trust, 'signer', v.publisher_key, 'publisher', k.name,
    'installedBy', v.installed_by,
    'installedAt', to_char(v.installed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'verdict', a.verdict, 'decidedBy', a.decided_by,
    'decidedAt', to_char(a.decided_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
  from plugin_version v
  left join plugin_publisher k on k.workspace_id = v.workspace_id and k.key = v.publisher_key
  left join lateral (
    select verdict, decided_by, decided_at from plugin_approval a
    where a.workspace_id = v.workspace_id and a.plugin_id = v.plugin_id and a.digest = v.digest
    order by a.id desc limit 1
  ) as a on true
  where v.workspace_id = p.workspace_id and v.plugin_id = p.id and v.digest = p.${sql.raw(digest)})`

/** Every plugin that the workspace ever had, or those named, with the versions in service and in waiting. */
export const listPlugins = statement<
  { workspaceId: number; ids: readonly string[] | null },
  PluginRow
>(
  (arg) => sql`
    select p.id, p.state, p.reason, p.updated_at as "updatedAt", p.previous_digest as "previousDigest",
      p.candidate_by as "candidateBy", p.candidate_at as "candidateAt",
      ${versionOf('digest')} as current, ${versionOf('candidate_digest')} as candidate,
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
