import type { SubjectRequest } from '../../../core/model/subjectRequest.ts'

/** A request for access that came on 15 January under the GDPR. */
export const aRequest = (changes: Partial<SubjectRequest> = {}): SubjectRequest => ({
  id: '01R',
  kind: 'access',
  state: 'received',
  profileIds: ['01P'],
  jurisdiction: 'DE',
  regulation: 'gdpr',
  receivedAt: new Date('2026-01-15T10:00:00Z'),
  acknowledgeBy: null,
  acknowledgedAt: null,
  dueAt: new Date('2026-02-15T10:00:00Z'),
  extensionReason: null,
  extendedAt: null,
  verification: 'none',
  refusals: [],
  acts: 0,
  purpose: null,
  decisionProfileId: null,
  decisionId: null,
  controllerRequestId: null,
  controllerDigest: null,
  openedBy: 'principal:01U',
  overdueAt: null,
  finishedAt: null,
  ...changes,
})
