import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** An identifier of a person with the event that it first came with. */
export interface EvidenceNode {
  namespace: string
  hash: string
  home: string
  eventId: string
}

export interface EvidenceEdge {
  left: { namespace: string; hash: string }
  right: { namespace: string; hash: string }
  eventId: string
}

/** The identifiers of a person, and the evidence that they belong together. The caller holds the profiles. */
export const listEvidence = statement<
  { workspaceId: number; ids: readonly string[] },
  { identifiers: EvidenceNode[]; edges: EvidenceEdge[] }
>(
  (arg) => sql`
    with node as materialized (
      select namespace, hash, profile_id, event_id from identifier
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
    )
    select
      coalesce((select json_agg(json_build_object('namespace', namespace, 'hash', hash,
        'home', profile_id, 'eventId', event_id) order by namespace, hash) from node), '[]') as identifiers,
      coalesce((
        select json_agg(json_build_object(
          'left', json_build_object('namespace', node.namespace, 'hash', node.hash),
          'right', json_build_object('namespace', e.right_namespace, 'hash', e.right_hash),
          'eventId', e.event_id))
        from node cross join lateral (
          select right_namespace, right_hash, event_id from edge
          where workspace_id = ${arg.workspaceId}::int and left_namespace = node.namespace
            and left_hash = node.hash
          offset 0
        ) as e), '[]') as edges`,
)
