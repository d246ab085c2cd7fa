import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Locks, in id order, the profiles that still are as a reaction read them: canonical, every trait read or
 * about to be written at the same revision, none appeared that was absent. `reads` holds JSON objects of the
 * form { key: { revision } }, `absents` JSON arrays of keys or null, one each per id; an id may come several times.
 * Tells which of the premises hold, counted from 1.
 */
export const lockPremises = statement<
  {
    workspaceId: number
    ids: readonly string[]
    reads: readonly string[]
    absents: readonly (string | null)[]
  },
  { nth: number }
>(
  (arg) => sql`
    select premise.nth
    from profile p
    join unnest(${arg.ids}::text[], ${arg.reads}::text[], ${arg.absents}::text[])
      with ordinality as premise (id, read, absent, nth) on premise.id = p.id
    where p.workspace_id = ${arg.workspaceId}::int and p.id = any(${arg.ids}::text[])
      and p.canonical_id = p.id
      and p.provenance @> premise.read::jsonb
      and (premise.absent is null
        or not p.provenance ?| array(select jsonb_array_elements_text(premise.absent::jsonb)))
    order by p.id
    for update of p`,
)
