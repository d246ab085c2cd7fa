import type { DecisionRecord } from '../../blackboard/query/findDecisionRecord.ts'
import { listAims } from '../../blackboard/query/listAims.ts'
import { listConsentEvents } from '../../blackboard/query/listConsentEvents.ts'
import type { Policy } from '../../policies/document.ts'
import type { Board } from '../board.ts'
import { basisOf } from '../flow/gate/assemble.ts'
import { decisionObligationsSchema } from '../model/decisionInputs.ts'
import { lineage } from '../model/purpose.ts'
import { loadPolicy, readInputs } from './evidence.ts'
import type { ConsentFact, DecisionFacts } from './tellDecision.ts'

/** What a recorded decision looked at: the ledger entries, the rules in their words, what the purpose is for. */
export async function loadFacts(
  board: Board,
  workspaceId: number,
  record: DecisionRecord,
): Promise<DecisionFacts> {
  const [policy, consents, aims] = await Promise.all([
    loadPolicy(board, workspaceId, record),
    loadConsents(board, workspaceId, record),
    listAims(board.db.sql, { workspaceId, keys: lineage(record.purpose) }),
  ])
  const [aim] = aims.toSorted((one, other) => other.key.length - one.key.length)
  return {
    outcome: record.outcome,
    reason: record.reason,
    checks: record.checks,
    obligations: decisionObligationsSchema.parse(record.obligations),
    validUntil: record.validUntil,
    decidedAt: record.decidedAt,
    purpose: record.purpose,
    aim: aim?.description ?? null,
    channel: record.channel,
    fields: record.fields,
    proposer: `${record.proposerKind}:${record.proposerId}`,
    consents,
    sentences: sentencesOf(policy ?? null),
  }
}

async function loadConsents(
  { db }: Board,
  workspaceId: number,
  record: DecisionRecord,
): Promise<ReadonlyMap<string, ConsentFact>> {
  const inputs = readInputs(record)
  const ids = record.checks
    .filter(({ name }) => name === 'lawful_basis' || name === 'special_category')
    .flatMap(({ evidence }) => evidence.filter((each) => !each.includes(':')))
  if (ids.length === 0) return new Map()
  const profileIds = typeof inputs === 'string' ? [record.profileId] : inputs.members
  const rows = await listConsentEvents(db.sql, { workspaceId, profileIds, ids })
  return new Map(
    rows.map(({ id, purpose, channel, decision, basis, collectedAt, expiresAt }) => [
      id,
      {
        purpose,
        channel,
        decision,
        basis: basisOf(basis),
        collectedAt: new Date(collectedAt),
        expiresAt: expiresAt === null ? null : new Date(expiresAt),
      },
    ]),
  )
}

const sentencesOf = (policy: Policy | null): ReadonlyMap<string, string> =>
  new Map([
    ...(policy?.rules ?? []).map(({ id, sentence }) => [`rule:${id}`, sentence] as const),
    ...(policy?.document.limits ?? []).map(
      ({ id, sentence }) => [`limit:${id}`, sentence] as const,
    ),
  ])
