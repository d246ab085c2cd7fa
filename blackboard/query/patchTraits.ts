import { sql } from 'drizzle-orm'
import { statement } from '../statement.ts'

/** Writes an agent's traits onto profiles that the transaction has locked; the others stay untouched. */
export const patchTraits = statement<
  { workspaceId: number; ids: readonly string[]; patches: string; at: string },
  never
>(
  (arg) => sql`
    update profile p
    set traits = (p.traits || patch.traits) - array(select jsonb_array_elements_text(patch.removed)),
      provenance = p.provenance || patch.provenance,
      revision = p.revision + 1, updated_at = ${arg.at}::timestamptz
    from json_to_recordset(${arg.patches}::text::json)
      as patch ("profileId" text, traits jsonb, provenance jsonb, removed jsonb)
    where p.workspace_id = ${arg.workspaceId}::int and p.id = any(${arg.ids}::text[])
      and p.id = patch."profileId"`,
)
