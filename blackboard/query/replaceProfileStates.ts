import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Puts migrated state in place of what it was made from; what was written meanwhile stays, and is not answered. */
export const replaceProfileStates = statement<
  {
    workspaceId: number
    plugin: string
    version: number
    ids: readonly string[]
    revisions: readonly number[]
    states: readonly string[]
    bytes: readonly number[]
    at: string
  },
  { profileId: string }
>(
  (arg) => sql`
    with standing as (
      select s.profile_id, new.state, new.bytes
      from profile_state s
      join unnest(${arg.ids}::text[], ${arg.revisions}::bigint[], ${arg.states}::text[],
        ${arg.bytes}::int[]) as new (id, revision, state, bytes)
        on new.id = s.profile_id and new.revision = s.revision
      where s.workspace_id = ${arg.workspaceId}::int and s.plugin_id = ${arg.plugin}
        and s.profile_id = any(${arg.ids}::text[])
      order by s.profile_id for update of s
    )
    update profile_state s
    set version = ${arg.version}::int, revision = nextval('state_revision'),
      state = standing.state::jsonb, bytes = standing.bytes
    from standing
    where s.workspace_id = ${arg.workspaceId}::int and s.plugin_id = ${arg.plugin}
      and s.profile_id = standing.profile_id
    returning s.profile_id as "profileId"`,
)
