import { hash } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { findNotice } from '../../blackboard/query/findNotice.ts'
import { insertNotice } from '../../blackboard/query/insertNotice.ts'
import { listPurposes } from '../../blackboard/query/listPurposes.ts'
import { lockNotices } from '../../blackboard/query/lockNotices.ts'
import { transact } from '../../blackboard/transact.ts'
import { fail } from '../errors.ts'
import { noticeInputSchema, type Notice, type NoticeInput } from '../model/notice.ts'
import { covers } from '../model/purpose.ts'
import { demand, type Reader } from '../read/reader.ts'
import { audit } from './audit.ts'
import { parseInput } from './parseInput.ts'

type Published = Omit<Notice, 'text'>

/**
 * Publishes what people are told, in one language of one version. Grants for versions before `accepts` no longer
 * count from then on; without it the version accepts its own grants alone, since nobody agreed to a text that they
 * never saw. What is published is never changed.
 *
 * @throws forbidden, bad_input
 */
export async function publishNotice(reader: Reader, given: unknown): Promise<Notice> {
  demand(reader, 'administer', 'Consent')
  const input = parseInput(noticeInputSchema, given)
  const { board, principal } = reader
  const { workspaceId } = principal
  const author = `principal:${principal.id}`
  const publishedAt = board.clock.now()
  const notice = await transact(board.db, async (tx) => {
    await lockNotices(tx, { workspaceId })
    await checkPurposes(tx, workspaceId, input)
    const versions = await findNotice(tx, { workspaceId, id: input.id })
    const { number, accepts } = placeOf(input, versions)
    const { text } = input
    const next = { ...input, number, accepts, author, sha256: hash('sha256', text, 'hex') }
    const at = publishedAt.toISOString()
    const [row] = await insertNotice(tx, { ...next, workspaceId, at })
    const { id, version, language } = input
    if (!row) throw refuse('version', `${version} of it is published in ${language}`)
    await audit(tx, board, {
      workspaceId,
      actor: author,
      action: 'notice.publish',
      object: `notice:${id}`,
      payload: { version, language, number, accepts, sha256: next.sha256 },
    })
    return { ...next, publishedAt }
  })
  board.signals.send('audit')
  return notice
}

const refuse = (part: string, reason: string) =>
  fail('bad_input', { path: `input.${part}`, reason })

async function checkPurposes(
  tx: TransactionSql,
  workspaceId: number,
  { purposes }: NoticeInput,
): Promise<void> {
  const known = await listPurposes(tx, { workspaceId })
  const stranger = purposes.find((purpose) => !known.some(({ key }) => covers(key, purpose)))
  if (stranger !== undefined) throw refuse('purposes', `there is no purpose ${stranger}`)
}

/** Where a version stands among those before it; another language of a version stands where that does. */
function placeOf(
  { version, accepts }: NoticeInput,
  versions: readonly Published[],
): { number: number; accepts: string } {
  const numbers = new Map(versions.map((each) => [each.version, each.number]))
  const same = versions.find((each) => each.version === version)
  if (same) {
    if (accepts != null && accepts !== same.accepts) {
      throw refuse('accepts', `version ${version} was published as accepting ${same.accepts}`)
    }
    return { number: same.number, accepts: same.accepts }
  }
  const number = Math.max(0, ...numbers.values()) + 1
  const oldest = accepts ?? version
  const floor = oldest === version ? number : numbers.get(oldest)
  if (floor === undefined) throw refuse('accepts', `there is no version ${oldest} of it`)
  const before = Math.max(0, ...versions.map((each) => numbers.get(each.accepts) ?? 0))
  if (floor < before) {
    throw refuse('accepts', `a later version than ${oldest} ended its grants, for good`)
  }
  return { number, accepts: oldest }
}
