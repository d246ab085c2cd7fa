import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Takes the identifiers of erased profiles away, with the evidence that they belong together, and puts a tombstone in
 * the place of each; what a backup brought back `again` leaves the tombstones as they are, lifted ones too. An edge between two of them is taken by one of the two deletions and missed by the other.
 */
export const buryIdentifiers = statement<
  { workspaceId: number; ids: readonly string[]; receiptId: string; at: string; again: boolean },
  { buried: { namespace: string; hash: string }[]; edges: number }
>(
  (arg) => sql`
    with gone as (
      delete from identifier
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      returning namespace, hash
    ), stone as (
      insert into tombstone (workspace_id, namespace, hash, receipt_id, erased_at)
      select ${arg.workspaceId}::int, namespace, hash, ${arg.receiptId}, ${arg.at}::timestamptz
      from gone order by hash, namespace
      on conflict (workspace_id, hash, namespace) do update
      set receipt_id = excluded.receipt_id, erased_at = excluded.erased_at, opened_at = null,
        opened_by = null
      where not ${arg.again}::boolean
    ), left_edge as (
      delete from edge e using gone
      where e.workspace_id = ${arg.workspaceId}::int and e.left_namespace = gone.namespace
        and e.left_hash = gone.hash
      returning 1
    ), right_edge as (
      delete from edge e using gone
      where e.workspace_id = ${arg.workspaceId}::int and e.right_namespace = gone.namespace
        and e.right_hash = gone.hash
      returning 1
    )
    select coalesce((select json_agg(json_build_object('namespace', namespace, 'hash', hash)
        order by namespace, hash) from gone), '[]') as buried,
      ((select count(*) from left_edge) + (select count(*) from right_edge))::int as edges`,
)
