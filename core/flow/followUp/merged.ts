/**
 * A merge may make a refusal hold for what another profile was sent: whoever was sent it has to hear of it, as if
 * the person had said it again.
 */
import type { TransactionSql } from 'postgres'
import { listNoticeVersions } from '../../../blackboard/query/listNoticeVersions.ts'
import { listPurposes } from '../../../blackboard/query/listPurposes.ts'
import type { SentSide } from '../../../blackboard/query/listSentSides.ts'
import { loadSubjects, type SubjectRow } from '../../../blackboard/query/loadSubjects.ts'
import { definitionFor, type PurposeDefinition } from '../../../policies/guard.ts'
import { regimeOf } from '../../../policies/regime.ts'
import type { Board } from '../../board.ts'
import { optOutPurpose } from '../../consent/mapping.ts'
import { floorsOf, type NoticeFloors } from '../../model/notice.ts'
import { covers } from '../../model/purpose.ts'
import { consentOf, standingOf } from '../gate/assemble.ts'
import { explicitRefusal } from '../gate/consent.ts'
import { enqueueForActs, type Act } from './enqueue.ts'

/** What consents are judged by. */
interface Terms {
  purposes: readonly PurposeDefinition[]
  notices: NoticeFloors
  now: Date
}

/**
 * Puts down what follows for each side of a merge from what was said on the other. Of a side that refused it itself
 * nothing follows: its receivers were told then. To be called when the merge is made, in its transaction.
 *
 * @param heard ids of what this transaction puts into the ledger, which is followed up by itself
 * @returns how many follow-ups there are
 */
export async function followMerges(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  sides: readonly SentSide[],
  heard: ReadonlySet<string>,
): Promise<number> {
  if (sides.length === 0) return 0
  const ids = [...new Set(sides.map(({ winner }) => winner))]
  const [subjects, purposes, versions] = await Promise.all([
    loadSubjects(tx, { workspaceId, ids }),
    listPurposes(tx, { workspaceId }),
    listNoticeVersions(tx, { workspaceId }),
  ])
  const now = board.clock.now()
  const terms = { purposes, notices: floorsOf(versions), now }
  const persons = new Map(subjects.map((subject) => [subject.profileId, subject]))
  const acts = sides.flatMap((side): Act[] => {
    const person = persons.get(side.winner)
    if (!person) return []
    const consents = person.consents.filter(({ id }) => !heard.has(id))
    return actsFor(side, { ...person, consents, mergedAt: now }, terms)
  })
  return (await enqueueForActs(tx, board, workspaceId, acts, now)).length
}

type Person = Pick<SubjectRow, 'members' | 'mergedAt' | 'legal' | 'consents'>

function actsFor(side: SentSide, whole: Person, terms: Terms): Act[] {
  const { members: profileIds, purpose, channel } = side
  const alone = partOf(whole, new Set(profileIds))
  const reason = refusalOf(whole, side, terms)
  const isNews = reason !== null && refusalOf(alone, side, terms) === null
  const isRestricted = standingOf(whole).restricted && !standingOf(alone).restricted
  return [
    ...(isNews ? [{ kind: 'opt_out' as const, profileIds, purpose, channel, reason }] : []),
    ...(isRestricted
      ? [
          {
            kind: 'restriction' as const,
            profileIds,
            purpose: null,
            channel: '*',
            reason: 'restricted',
          },
        ]
      : []),
  ]
}

const partOf = ({ legal, consents, mergedAt }: Person, members: ReadonlySet<string>): Person => ({
  mergedAt,
  members: [...members],
  legal: legal.filter(({ profileId }) => members.has(profileId)),
  consents: consents.filter(({ profileId }) => members.has(profileId)),
})

/** Why a person is not to be addressed by their own word; null where nothing they said refuses it. */
function refusalOf(
  person: Person,
  { purpose, channel }: SentSide,
  { purposes, notices, now }: Terms,
): string | null {
  const { objections, gpc, jurisdiction, mergedAt } = standingOf(person)
  if (objections.some((objected) => covers(objected, purpose))) return 'objected'
  if (gpc && covers(optOutPurpose, purpose) && regimeOf(jurisdiction).gpcBinds) return 'gpc_opt_out'
  const bases = definitionFor(purpose, purposes)?.bases ?? []
  const consents = person.consents.map((each) => consentOf(each, purposes, notices))
  const standing = explicitRefusal(consents, { purpose, channel, now, mergedAt, bases })
  return standing === null || standing.stands ? null : standing.reason
}
