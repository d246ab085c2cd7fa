import { sql } from 'drizzle-orm/sql/sql'
import type { SubjectRequest } from '../../core/model/subjectRequest.ts'
import { statement } from '../statement.ts'

/** The columns of a SubjectRequest. */
export const requestColumns = sql`
  id, kind, state, profile_ids as "profileIds", jurisdiction, regulation, received_at as "receivedAt",
  acknowledge_by as "acknowledgeBy", acknowledged_at as "acknowledgedAt", due_at as "dueAt",
  extension_reason as "extensionReason", extended_at as "extendedAt", verification, refusals, acts, purpose,
  decision_profile_id as "decisionProfileId", decision_id as "decisionId",
  trait, controller_request_id as "controllerRequestId", controller_digest as "controllerDigest",
  opened_by as "openedBy", warned_at as "warnedAt", overdue_at as "overdueAt", finished_at as "finishedAt"`

/** Requests, newest first, older than `after`; each argument that is not null narrows them. */
export const listSubjectRequests = statement<
  {
    workspaceId: number
    ids: readonly string[] | null
    controllerRequestId: string | null
    /** Requests about one of these profiles. */
    profileIds: readonly string[] | null
    kind: string | null
    states: readonly string[] | null
    /** Requests that are open and due before. */
    dueBefore: string | null
    after: string | null
    limit: number
  },
  SubjectRequest
>(
  (arg) => sql`
    select ${requestColumns} from subject_request
    where workspace_id = ${arg.workspaceId}::int
      and (${arg.ids}::text[] is null or id = any(${arg.ids}::text[]))
      and (${arg.controllerRequestId}::uuid is null
        or controller_request_id = ${arg.controllerRequestId}::uuid)
      and (${arg.profileIds}::text[] is null or profile_ids && ${arg.profileIds}::text[])
      and (${arg.kind}::text is null or kind = ${arg.kind}::text)
      and (${arg.states}::text[] is null or state = any(${arg.states}::text[]))
      and (${arg.dueBefore}::timestamptz is null
        or (finished_at is null and due_at < ${arg.dueBefore}::timestamptz))
      and (${arg.after}::text is null or id < ${arg.after}::text collate "C")
    order by id desc
    limit ${arg.limit}::int`,
)
