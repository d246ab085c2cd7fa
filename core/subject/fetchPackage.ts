import { transact } from '../../blackboard/transact.ts'
import type { SubjectRequest } from '../model/subjectRequest.ts'
import type { Reader } from '../read/reader.ts'
import { changeRequest, handlerOf, readRequest, tell, type Handler } from './changeRequest.ts'
import { demandAct, did } from './life.ts'
import { packageOf } from './package/package.ts'
import { loadSubject } from './package/subject.ts'

export interface Fetched {
  fileName: string
  chunks: AsyncGenerator<Buffer>
}

/** How long an answer may be fetched again after the request was completed. */
const keptMs = 30 * 86_400_000

/**
 * The package that answers a request for access or portability. It is stored nowhere: it is made from what is known
 * while it is fetched, and every fetch is written down before the first byte leaves.
 *
 * @throws identity_unverified before the person is known well enough, request_wrong_kind, subject_erased
 */
export async function fetchPackage(reader: Reader, id: string): Promise<Fetched> {
  const by = handlerOf(reader)
  const asked = await readRequest(by, id)
  const isKept = isStillKept(asked, by.board.clock.now())
  if (!isKept) demandAct(asked, ['access', 'portability'], 'fetched')
  await reader.learn()
  const subject = await loadSubject(by, reader.definitions, asked.profileIds)
  const request = isKept ? await noteFetch(by, asked) : await answer(by, id)
  return { fileName: `${request.kind}-${id}.zip`, chunks: packageOf(request, subject) }
}

const isStillKept = ({ kind, state, finishedAt }: SubjectRequest, now: Date): boolean =>
  (kind === 'access' || kind === 'portability') &&
  (state === 'completed' || state === 'partially_completed') &&
  finishedAt !== null &&
  now.getTime() - finishedAt.getTime() < keptMs

const answer = (by: Handler, id: string): Promise<SubjectRequest> =>
  changeRequest(by, id, (request) => {
    demandAct(request, ['access', 'portability'], 'fetched')
    return did(request, 'fetched', { withheld: request.refusals.map(({ part }) => part) })
  })

/** The request has ended and stays as it is; that it was fetched again is told all the same. */
async function noteFetch(by: Handler, request: SubjectRequest): Promise<SubjectRequest> {
  await transact(by.board.db, (tx) => tell(tx, by, { request, act: 'fetched', details: {} }))
  by.board.signals.send('audit')
  return request
}
