import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Erasures with the tombstones each put up and what each kept, as they are kept beside backups; the oldest first, in pages. */
export const listTombstones = statement<
  { workspaceId: number; after: string; limit: number },
  {
    id: string
    profileId: string
    members: string[]
    receipt: string
    tombstones: {
      namespace: string
      hash: string
      openedAt: string | null
      openedBy: string | null
    }[]
    retentions: {
      id: string
      profileId: string
      receiptId: string
      requestId: string | null
      part: string
      reason: string
      keptAt: string
      endedAt: string | null
      endedBy: string | null
    }[]
  }
>(
  (arg) => sql`
    select r.id, r.profile_id as "profileId", r.members, r.receipt, coalesce((
      select json_agg(json_build_object('namespace', t.namespace, 'hash', t.hash,
        'openedAt', t.opened_at, 'openedBy', t.opened_by) order by t.namespace, t.hash)
      from tombstone t where t.workspace_id = r.workspace_id and t.receipt_id = r.id), '[]') as tombstones,
      coalesce((
        select json_agg(json_build_object('id', k.id, 'profileId', k.profile_id, 'receiptId', k.receipt_id,
          'requestId', k.request_id, 'part', k.part, 'reason', k.reason, 'keptAt', k.kept_at,
          'endedAt', k.ended_at, 'endedBy', k.ended_by) order by k.id)
        from retention k where k.workspace_id = r.workspace_id and k.receipt_id = r.id), '[]') as retentions
    from erasure_receipt r
    where r.workspace_id = ${arg.workspaceId}::int and r.id > ${arg.after}::text collate "C"
    order by r.id limit ${arg.limit}::int`,
)
