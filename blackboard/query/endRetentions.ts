import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Ends retentions: their values go, and the key of each. Returns those that had not ended before. */
export const endRetentions = statement<
  { workspaceId: number; ids: readonly string[]; at: string; by: string },
  { id: string; part: string }
>(
  (arg) => sql`
    with ended as (
      update retention set ended_at = ${arg.at}::timestamptz, ended_by = ${arg.by}
      where workspace_id = ${arg.workspaceId}::int and id = any(${arg.ids}::text[]) and ended_at is null
      returning id, part
    ), value_gone as (
      delete from vault v using ended where v.workspace_id = ${arg.workspaceId}::int and v.profile_id = ended.id
    ), key_gone as (
      delete from profile_key k using ended
      where k.workspace_id = ${arg.workspaceId}::int and k.profile_id = ended.id
    )
    select id, part from ended order by id`,
)
