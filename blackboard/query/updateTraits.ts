import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Replaces the traits of profiles whose rows the transaction has locked. */
export const updateTraits = statement<
  { workspaceId: number; ids: readonly string[]; profiles: string },
  never
>(
  (arg) => sql`
    update profile p
    set traits = new.traits, provenance = new.provenance, revision = p.revision + 1, updated_at = new.at
    from json_to_recordset(${arg.profiles}::text::json)
      as new (id text, traits jsonb, provenance jsonb, at timestamptz)
    where p.workspace_id = ${arg.workspaceId}::int and p.id = any(${arg.ids}::text[]) and p.id = new.id`,
)
