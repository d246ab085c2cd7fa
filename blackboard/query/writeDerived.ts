import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Writes what traits inherit; `derived` is JSON: [{ key, purposes, specialBy }]. Of the caller's lock. */
export const writeDerived = statement<{ workspaceId: number; derived: string }, { key: string }>(
  (arg) => sql`
    update trait_definition d
    set effective_purposes = new.purposes, special_by = new.special_by
    from (
      select key,
        case when purposes is not null then array(select jsonb_array_elements_text(purposes)) end as purposes,
        array(select jsonb_array_elements_text("specialBy")) as special_by
      from json_to_recordset(${arg.derived}::text::json)
        as w (key text, purposes jsonb, "specialBy" jsonb)
    ) as new
    where d.workspace_id = ${arg.workspaceId}::int and d.key = new.key
    returning d.key`,
)
