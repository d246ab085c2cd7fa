import type { SubjectRequestState } from '../../model/subjectRequest.ts'

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
