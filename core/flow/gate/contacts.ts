import type { GateRow } from '../../../blackboard/query/claimProposed.ts'
import { countContacts } from '../../../blackboard/query/countContacts.ts'
import type { SubjectRow } from '../../../blackboard/query/loadSubjects.ts'
import type { Handle } from '../../../blackboard/statement.ts'
import type { Policy } from '../../../policies/document.ts'
import { isAbout, limitsFor } from '../../../policies/limit.ts'
import type { Contacts } from './input.ts'

const hourMs = 3_600_000

/** How often persons were addressed, for activations that are judged together. */
export interface ContactBook {
  /** By the id of each limit with a cap that the activation is under. */
  of(row: GateRow): Readonly<Record<string, Contacts>>
  /** From now on it is being sent: the others of the batch, which are judged after it, have to count it. */
  add(row: GateRow): void
}

const none: ContactBook = { of: () => ({}), add: () => undefined }

/**
 * Counts; no statement at all where no cap applies. An answer that a dispatch rests on is asked for under
 * `lockCapped`.
 *
 * @param asOf the instant at which the limits' hours end, when it is not now
 */
export async function countFor<Row extends GateRow>(
  handle: Handle,
  policy: Policy | undefined,
  rows: readonly Row[],
  standing: { subjects: ReadonlyMap<string, SubjectRow>; now: Date; asOf?: (row: Row) => Date },
): Promise<ContactBook> {
  const { subjects, now, asOf } = standing
  const entries = rows.flatMap((row) =>
    capsFor(policy, row).map((limit) => {
      const subject = subjects.get(row.profileId)
      return { row, limit, person: subject?.canonical ?? row.profileId, subject, sent: 0 }
    }),
  )
  const [first] = entries
  if (first === undefined) return none
  const counts = await countContacts(handle, {
    workspaceId: first.row.workspaceId,
    asked: JSON.stringify(
      entries.map(({ row, limit: { cap, purposes, channels }, subject }, nth) => ({
        nth,
        members: subject?.members ?? [row.profileId],
        purposes,
        channels,
        since: new Date((asOf?.(row) ?? now).getTime() - cap.hours * hourMs),
        until: asOf?.(row) ?? null,
        except: row.id,
      })),
    ),
  })
  for (const { nth, sent } of counts) {
    const entry = entries[nth]
    if (entry !== undefined) entry.sent = sent
  }
  return {
    of: ({ id }) =>
      Object.fromEntries(
        entries.flatMap(({ row, limit, sent }) => (row.id === id ? [[limit.id, { sent }]] : [])),
      ),
    add(row) {
      // What is tried again is counted already.
      if (row.attempts > 0) return
      const person = entries.find((entry) => entry.row.id === row.id)?.person
      for (const entry of entries) {
        const isOther = entry.row.id !== row.id && entry.person === person
        if (isOther && isAbout(entry.limit, row.purpose, row.channel)) entry.sent += 1
      }
    },
  }
}

/** The limits with a cap that an activation is under. */
export const capsFor = (
  policy: Policy | undefined,
  { purpose, channel }: Pick<GateRow, 'purpose' | 'channel'>,
) =>
  policy === undefined
    ? []
    : limitsFor(policy, purpose, channel).flatMap((limit) =>
        limit.cap === undefined ? [] : [{ ...limit, cap: limit.cap }],
      )
