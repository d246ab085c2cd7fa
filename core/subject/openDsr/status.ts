import type { JsonObject } from '../../model/json.ts'
import type { SubjectRequest, SubjectRequestState } from '../../model/subjectRequest.ts'

export type RequestStatus = 'pending' | 'in_progress' | 'completed' | 'cancelled'

/** OpenDSR knows four states, and no refusal: what is not done is cancelled, with the reason in our own history. */
const statuses = {
  received: 'pending',
  identity_unverified: 'pending',
  in_progress: 'in_progress',
  completed: 'completed',
  partially_completed: 'completed',
  refused: 'cancelled',
  cancelled: 'cancelled',
  expired: 'cancelled',
} as const satisfies Record<SubjectRequestState, RequestStatus>

export const requestStatusOf = (state: SubjectRequestState): RequestStatus => statuses[state]

/** Where the results are, for who has the controller's key; how many persons they are about. */
export function resultsOf(request: SubjectRequest, baseUrl: string): JsonObject {
  const { kind, state, profileIds, controllerRequestId } = request
  if (requestStatusOf(state) !== 'completed') return {}
  const count = { results_count: profileIds.length }
  if (kind === 'erasure' || profileIds.length === 0) return count
  return { results_url: `${baseUrl}/opendsr/v2/requests/${controllerRequestId}/results`, ...count }
}
