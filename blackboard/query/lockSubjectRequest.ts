import { sql } from 'drizzle-orm/sql/sql'
import type { SubjectRequest } from '../../core/model/subjectRequest.ts'
import { statement } from '../statement.ts'
import { requestColumns } from './listSubjectRequests.ts'

/** Holds a request while it is changed. It comes before profiles in the order of locks. */
export const lockSubjectRequest = statement<{ workspaceId: number; id: string }, SubjectRequest>(
  (arg) => sql`
    select ${requestColumns} from subject_request
    where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}
    for update`,
)
