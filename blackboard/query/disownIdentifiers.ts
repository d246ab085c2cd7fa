import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Takes wrong identifiers from a person, with the evidence that rests on them and their values in the vault, and
 * notes that they are not theirs; marks the person's profiles, so that ingest asks for the note. The caller holds
 * the profiles. `wrong` is JSON: [{ namespace, hash }]. An edge between two of them is taken by one of the two
 * deletions and missed by the other.
 */
export const disownIdentifiers = statement<
  {
    workspaceId: number
    ids: readonly string[]
    canonical: string
    wrong: string
    requestId: string
    at: string
  },
  { identifiers: number; edges: number }
>(
  (arg) => sql`
    with gone as (
      delete from identifier i
      using json_to_recordset(${arg.wrong}::text::json) as wrong (namespace text, hash uuid)
      where i.workspace_id = ${arg.workspaceId}::int and i.hash = wrong.hash
        and i.namespace = wrong.namespace and i.profile_id = any(${arg.ids}::text[])
      returning i.namespace, i.hash, i.profile_id
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
    ), secret as (
      delete from vault v using gone
      where v.workspace_id = ${arg.workspaceId}::int and v.profile_id = gone.profile_id
        and v.key = 'identifier/' || gone.namespace || '/' || gone.hash
    ), noted as (
      insert into disowned (workspace_id, profile_id, namespace, hash, request_id, at)
      select ${arg.workspaceId}::int, ${arg.canonical}, namespace, hash, ${arg.requestId},
        ${arg.at}::timestamptz
      from gone order by hash, namespace
      on conflict (workspace_id, profile_id, hash, namespace) do nothing
    ), marked as (
      update profile set disowned_at = ${arg.at}::timestamptz
      where workspace_id = ${arg.workspaceId}::int and id = any(${arg.ids}::text[])
    )
    select (select count(*) from gone)::int as identifiers,
      ((select count(*) from left_edge) + (select count(*) from right_edge))::int as edges`,
)
