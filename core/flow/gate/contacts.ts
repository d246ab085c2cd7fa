import type { GateRow } from '../../../blackboard/query/claimProposed.ts'
import { countContacts } from '../../../blackboard/query/countContacts.ts'
import type { SubjectRow } from '../../../blackboard/query/loadSubjects.ts'
import type { Handle } from '../../../blackboard/statement.ts'
import type { Policy } from '../../../policies/document.ts'
import { limitsFor } from '../../../policies/limit.ts'
import type { Contacts } from './input.ts'

const hourMs = 3_600_000

/**
 * How often the persons were addressed, by activation and by limit; no statement at all where no cap applies. An
 * answer that a dispatch rests on is asked for under `lockCapped`.
 *
 * @param asOf the instant at which the limits' hours end
 */
export async function contactsOf<Row extends GateRow>(
  handle: Handle,
  active: { policy: Policy } | null,
  rows: readonly Row[],
  subjects: ReadonlyMap<string, SubjectRow>,
  asOf: (row: Row) => Date,
): Promise<ReadonlyMap<string, Record<string, Contacts>>> {
  const asked = rows.flatMap((row) => capsFor(active, row).map((limit) => ({ row, limit })))
  const [first] = asked
  if (first === undefined) return new Map()
  const questions = asked.map(({ row, limit: { cap, purposes, channels } }, nth) => {
    const until = asOf(row)
    return {
      nth,
      members: subjects.get(row.profileId)?.members ?? [row.profileId],
      purposes,
      channels,
      since: new Date(until.getTime() - cap.hours * hourMs),
      until,
      except: row.id,
    }
  })
  const counts = await countContacts(handle, {
    workspaceId: first.row.workspaceId,
    asked: JSON.stringify(questions),
  })
  const answers = new Map<string, Record<string, Contacts>>()
  for (const { nth, sent } of counts) {
    const question = asked[nth]
    if (question === undefined) continue
    const known = answers.get(question.row.id) ?? {}
    answers.set(question.row.id, { ...known, [question.limit.id]: { sent } })
  }
  return answers
}

/** The limits with a cap that an activation is under. */
export const capsFor = (
  active: { policy: Policy } | null,
  { purpose, channel }: Pick<GateRow, 'purpose' | 'channel'>,
) =>
  active === null
    ? []
    : limitsFor(active.policy, purpose, channel).flatMap((limit) =>
        limit.cap === undefined ? [] : [{ ...limit, cap: limit.cap }],
      )
