import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Takes in a request; no row when the controller sent it before. */
export const insertSubjectRequest = statement<
  {
    workspaceId: number
    id: string
    kind: string
    profileIds: readonly string[]
    jurisdiction: string | null
    regulation: string
    receivedAt: string
    acknowledgeBy: string | null
    dueAt: string
    purpose: string | null
    decisionProfileId: string | null
    decisionId: string | null
    trait: string | null
    controllerRequestId: string | null
    controllerDigest: string | null
    openedBy: string
  },
  { id: string }
>(
  (arg) => sql`
    insert into subject_request (workspace_id, id, kind, state, profile_ids, jurisdiction, regulation,
      received_at, acknowledge_by, due_at, purpose, decision_profile_id, decision_id, trait,
      controller_request_id, controller_digest, opened_by)
    values (${arg.workspaceId}::int, ${arg.id}, ${arg.kind}, 'received', ${arg.profileIds}::text[],
      ${arg.jurisdiction}, ${arg.regulation}, ${arg.receivedAt}::timestamptz,
      ${arg.acknowledgeBy}::timestamptz, ${arg.dueAt}::timestamptz, ${arg.purpose},
      ${arg.decisionProfileId}, ${arg.decisionId}, ${arg.trait}, ${arg.controllerRequestId}::uuid,
      ${arg.controllerDigest}::uuid, ${arg.openedBy})
    on conflict (workspace_id, controller_request_id) do nothing
    returning id`,
)
