import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Writes an agent's traits onto profiles that the transaction has locked; the others stay untouched. `traits`
 * and `provenances` hold JSON objects, `removals` JSON arrays of keys or null, one each per id.
 */
export const patchTraits = statement<
  {
    workspaceId: number
    ids: readonly string[]
    traits: readonly string[]
    provenances: readonly string[]
    removals: readonly (string | null)[]
    at: string
  },
  never
>(
  (arg) => sql`
    update profile p
    set traits = case when patch.removed is null then p.traits || patch.traits::jsonb
        else (p.traits || patch.traits::jsonb)
          - array(select jsonb_array_elements_text(patch.removed::jsonb)) end,
      provenance = p.provenance || patch.provenance::jsonb,
      revision = p.revision + 1, updated_at = ${arg.at}::timestamptz
    from unnest(${arg.ids}::text[], ${arg.traits}::text[], ${arg.provenances}::text[],
      ${arg.removals}::text[]) as patch (id, traits, provenance, removed)
    where p.workspace_id = ${arg.workspaceId}::int and p.id = any(${arg.ids}::text[])
      and p.id = patch.id`,
)
