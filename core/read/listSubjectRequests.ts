import { listRequestEvents } from '../../blackboard/query/listRequestEvents.ts'
import * as statements from '../../blackboard/query/listSubjectRequests.ts'
import type {
  RequestEvent,
  SubjectRequest,
  SubjectRequestKind,
  SubjectRequestState,
} from '../model/subjectRequest.ts'
import { asPage, pageSize } from './page.ts'
import type { Page, PageInput } from './page.ts'
import { demand } from './reader.ts'
import type { Reader } from './reader.ts'

export interface RequestFilter {
  ids?: readonly string[] | null | undefined
  kind?: SubjectRequestKind | null | undefined
  states?: readonly SubjectRequestState[] | null | undefined
  /** Requests that are open and due before. */
  dueBefore?: Date | null | undefined
}

/** Requests of data subjects, newest first. @throws forbidden */
export async function listSubjectRequests(
  reader: Reader,
  filter: RequestFilter,
  page: PageInput,
): Promise<Page<SubjectRequest>> {
  demand(reader, 'read', 'SubjectRequest')
  const size = pageSize(page)
  const rows = await statements.listSubjectRequests(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    ids: filter.ids ?? null,
    kind: filter.kind ?? null,
    states: filter.states ?? null,
    dueBefore: filter.dueBefore?.toISOString() ?? null,
    controllerRequestId: null,
    profileIds: null,
    after: page.after ?? null,
    limit: size + 1,
  })
  return asPage(rows, size)
}

/** @throws forbidden */
export async function findSubjectRequest(
  reader: Reader,
  id: string,
): Promise<SubjectRequest | null> {
  const { items } = await listSubjectRequests(reader, { ids: [id] }, { first: 1 })
  return items[0] ?? null
}

/** What happened to each request, oldest first. @throws forbidden */
export async function listHistories(
  reader: Reader,
  requestIds: readonly string[],
): Promise<RequestEvent[][]> {
  demand(reader, 'read', 'SubjectRequest')
  const rows = await listRequestEvents(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    requestIds,
  })
  const byRequest = Map.groupBy(rows, ({ requestId }) => requestId)
  return requestIds.map((id) => byRequest.get(id) ?? [])
}
