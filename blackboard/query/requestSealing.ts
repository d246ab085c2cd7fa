import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Asks for the open values of traits to be sealed, and drops what was asked for under older definitions of
 * those in `keys`. `sealings` is JSON: [{ key, version }].
 */
export const requestSealing = statement<
  { workspaceId: number; keys: readonly string[]; sealings: string; at: string },
  never
>(
  (arg) => sql`
    with dropped as (
      update trait_sealing set state = 'dropped', finished_at = ${arg.at}::timestamptz
      where workspace_id = ${arg.workspaceId}::int and key = any(${arg.keys}::text[])
        and state = 'sealing'
    )
    insert into trait_sealing (workspace_id, key, version, state, pass_began_at, requested_at)
    select ${arg.workspaceId}::int, key, version, 'sealing', ${arg.at}::timestamptz, ${arg.at}::timestamptz
    from json_to_recordset(${arg.sealings}::text::json) as asked (key text, version int)`,
)
