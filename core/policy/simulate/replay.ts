import { listDecided } from '../../../blackboard/query/listDecided.ts'
import { loadDecided, type DecidedRow } from '../../../blackboard/query/loadDecided.ts'
import { examplesMax } from '../../../blackboard/query/simulateProfiles.ts'
import { allowScans } from '../../../blackboard/query/allowScans.ts'
import { transact } from '../../../blackboard/transact.ts'
import type { Policy } from '../../../policies/document.ts'
import type { NumberedPolicy } from '../../activePolicies.ts'
import { assemble, limitsOf, type GateDeps } from '../../flow/gate/assemble.ts'
import { checkMinimisation } from '../../flow/gate/check/data.ts'
import { checkFrequency, checkRisk } from '../../flow/gate/check/limit.ts'
import { checkPolicy } from '../../flow/gate/check/policy.ts'
import { countFor } from '../../flow/gate/contacts.ts'
import type { GateInput } from '../../flow/gate/input.ts'
import type { CheckName, Outcome, Verdict } from '../../model/decision.ts'
import type { DecisionExample, DecisionImpact, SimulatedCaller } from '../../model/simulation.ts'

/** Decisions looked at; the newest, when there are more. */
export const decisionsMax = 100_000
const batch = 200

export interface Replayed {
  looked: number
  isCut: boolean
  drifted: number
  impacts: Omit<DecisionImpact, 'sentence'>[]
}

export interface Replay {
  workspaceId: number
  base: NumberedPolicy | null
  candidate: Policy
  since: Date
}

/** The activations to look at: how many there are is known before the first is judged. */
export async function findDecided({ board }: GateDeps, { workspaceId, since }: Replay) {
  const limit = decisionsMax + 1
  const found = await transact(board.db, async (tx) => {
    await allowScans(tx)
    return listDecided(tx, { workspaceId, since: since.toISOString(), limit })
  })
  return { keys: found.slice(0, decisionsMax), isCut: found.length === limit }
}

/**
 * Judges decided activations once more under both policies. What the policy does not decide (consent, standing,
 * manifest and the rest) is taken as it was recorded; the policy is asked about the profile as it is now,
 * since decisions keep no copy of it. So both answers differ by the policy alone, and where the one in force
 * already ends otherwise than recorded, the profile or the policy has changed since: that is counted too.
 */
export async function replayDecisions(
  deps: GateDeps,
  replay: Replay,
  { keys, isCut }: Awaited<ReturnType<typeof findDecided>>,
  onBatch: (done: number) => Promise<boolean>,
): Promise<Replayed | undefined> {
  const groups = new Map<string, Omit<DecisionImpact, 'sentence'>>()
  let looked = 0
  let drifted = 0
  for (let from = 0; from < keys.length; from += batch) {
    const rows = await loadDecided(deps.board.db.sql, {
      workspaceId: replay.workspaceId,
      keys: JSON.stringify(keys.slice(from, from + batch)),
    })
    for (const { row, before, after } of await judge(deps, replay, rows)) {
      looked += 1
      if (before !== row.outcome) drifted += 1
      note(groups, row, before, after)
    }
    if (!(await onBatch(from + rows.length))) return undefined
  }
  return { looked, isCut, drifted, impacts: [...groups.values()] }
}

interface Judged {
  row: DecidedRow
  before: Outcome
  after: Outcome
}

async function judge(
  deps: GateDeps,
  { workspaceId, base, candidate }: Replay,
  rows: readonly DecidedRow[],
): Promise<Judged[]> {
  const definitions = await deps.definitions.of(workspaceId)
  const rules = { workspaceId, active: { number: 0, policy: candidate }, definitions }
  const { sql } = deps.board.db
  const asOf = ({ decidedAt }: DecidedRow) => decidedAt
  const assembly = await assemble(sql, deps, rules, rows, asOf)
  const standing = { subjects: assembly.subjects, now: deps.board.clock.now(), asOf }
  const contacts = await countFor(sql, base?.policy, rows, standing)
  return rows.flatMap((row) => {
    const subject = assembly.subjects.get(row.profileId)
    if (!subject) return []
    const after = assembly.inputOf(row, subject)
    const who = after.policy?.ability.who
    const ability = base && who && deps.policies.ability(base.policy, who, [row.purpose])
    const before: GateInput = {
      ...after,
      policy: base && ability ? { number: base.number, ability } : null,
      limits: limitsOf(base, row),
      contacts: contacts.of(row),
    }
    return { row, before: outcomeOf(row, before), after: outcomeOf(row, after) }
  })
}

const anew: ReadonlySet<CheckName> = new Set(['policy', 'minimisation', 'frequency', 'risk'])

/** What the policy and its limits decide is decided anew, the rest is as recorded. */
function outcomeOf({ checks }: DecidedRow, input: GateInput): Outcome {
  const verdicts = new Set<Verdict>([
    checkPolicy(input).verdict,
    checkMinimisation(input).verdict,
    checkFrequency(input).verdict,
    checkRisk(input).verdict,
    ...checks.filter(({ name }) => !anew.has(name)).map(({ verdict }) => verdict),
  ])
  if (verdicts.has('fail')) return 'refuse'
  return verdicts.has('hold') ? 'hold' : 'allow'
}

function note(
  groups: Map<string, Omit<DecisionImpact, 'sentence'>>,
  row: DecidedRow,
  before: Outcome,
  after: Outcome,
): void {
  const { purpose, channel } = row
  const proposer: SimulatedCaller =
    row.proposerKind === 'agent'
      ? { kind: 'agent', name: row.proposerId }
      : { kind: 'role', name: row.role ?? 'revoked' }
  const key = JSON.stringify([proposer, purpose, channel])
  const group = groups.get(key) ?? {
    proposer,
    purpose,
    channel,
    wouldAllow: 0,
    wouldHold: 0,
    wouldRefuse: 0,
    unchanged: 0,
    examples: [],
  }
  groups.set(key, group)
  if (before === after) {
    group.unchanged += 1
    return
  }
  group[countOf[after]] += 1
  if (group.examples.length < examplesMax) group.examples.push(exampleOf(row, before, after))
}

const countOf = { allow: 'wouldAllow', hold: 'wouldHold', refuse: 'wouldRefuse' } as const

const exampleOf = (row: DecidedRow, before: Outcome, after: Outcome): DecisionExample => ({
  profileId: row.profileId,
  activationId: row.id,
  decisionId: row.decisionId,
  before,
  after,
})
