/**
 * The gate's answer for everybody at once. Persons of whom it must say the same are put in classes by one
 * statement, and one of each class is decided as any single activation is: by `decide`, from what is loaded for
 * that person. So the answers cannot differ from those given one by one, and a million persons take as many
 * decisions as there are kinds of them.
 */
import type { TransactionSql } from 'postgres'
import { conditionToSql } from '../../../blackboard/condition.ts'
import { forbidScans } from '../../../blackboard/query/forbidScans.ts'
import { allowScans } from '../../../blackboard/query/allowScans.ts'
import type { GateRow } from '../../../blackboard/query/claimProposed.ts'
import {
  audienceAttributes,
  groupAudience,
  type AudienceQuestion,
} from '../../../blackboard/query/groupAudience.ts'
import { fixSnapshot } from '../../../blackboard/query/fixSnapshot.ts'
import { transact } from '../../../blackboard/transact.ts'
import type { Condition } from '../../model/condition.ts'
import type { Proposal } from '../../model/activation.ts'
import type { Outcome } from '../../model/decision.ts'
import { lineage } from '../../model/purpose.ts'
import { abilityOf, assemble, rulesOf, type GateDeps, type Rules } from './assemble.ts'
import { judge } from './gate.ts'
import type { GateVerdict } from './input.ts'

export interface Audience {
  profiles: number
  /** By outcome and reason, the most first. */
  answers: { outcome: Outcome; reason: string; profiles: number }[]
}

/** A class of persons with what the gate says of each of them. */
export interface AudienceVerdict {
  profileId: string
  count: number
  verdict: GateVerdict
}

/** Who proposes, as an activation of theirs would say it. */
export type Proposer = Pick<GateRow, 'proposerKind' | 'proposerId' | 'role' | 'name'>

/** Decided side by side; the persons of so many classes are loaded with one statement. */
const classesMax = 500

/** Counts what the gate would answer to this act for each person of the workspace. Nothing is recorded or sent. */
export async function gateAudience(
  deps: GateDeps,
  workspaceId: number,
  proposer: Proposer,
  proposal: Proposal,
): Promise<Audience> {
  const verdicts = await judgeAudience(deps, workspaceId, proposer, proposal)
  const answers = new Map<string, Audience['answers'][number]>()
  for (const { count, verdict } of verdicts) {
    const { outcome, reason } = verdict
    const key = `${outcome} ${reason}`
    const answer = answers.get(key) ?? { outcome, reason, profiles: 0 }
    answer.profiles += count
    answers.set(key, answer)
  }
  return {
    profiles: verdicts.reduce((sum, { count }) => sum + count, 0),
    answers: [...answers.values()].toSorted((a, b) => b.profiles - a.profiles),
  }
}

/** The classes of an audience, each with its verdict. */
export async function judgeAudience(
  deps: GateDeps,
  workspaceId: number,
  proposer: Proposer,
  proposal: Proposal,
): Promise<AudienceVerdict[]> {
  const rules = await rulesOf(deps, workspaceId)
  const rowOf = (profileId: string): GateRow => ({
    ...proposal,
    ...proposer,
    workspaceId,
    profileId,
    id: '',
    destination: proposal.destination ?? null,
    attempts: 0,
  })
  return transact(deps.board.db, async (tx) => {
    // Classes and the persons that stand for them must be of one moment.
    await fixSnapshot(tx)
    await allowScans(tx)
    const classes = await groupAudience(tx, audienceQuestion(deps, rules, rowOf('')))
    await forbidScans(tx)
    return judgeClasses(tx, deps, rules, classes, rowOf)
  })
}

async function judgeClasses(
  tx: TransactionSql,
  deps: GateDeps,
  rules: Rules,
  classes: readonly { profileId: string; count: number }[],
  rowOf: (profileId: string) => GateRow,
): Promise<AudienceVerdict[]> {
  const verdicts: AudienceVerdict[] = []
  for (let from = 0; from < classes.length; from += classesMax) {
    const some = classes.slice(from, from + classesMax)
    const rows = some.map(({ profileId }) => rowOf(profileId))
    const assembly = await assemble(tx, deps, rules, rows)
    for (const [at, row] of rows.entries()) {
      for (const { verdict } of judge(deps, assembly, row)) {
        verdicts.push({ profileId: row.profileId, count: some[at]?.count ?? 0, verdict })
      }
    }
  }
  return verdicts
}

/** What the gate's answer to this act may depend on. */
export function audienceQuestion(
  deps: GateDeps,
  { workspaceId, active, definitions }: Rules,
  row: GateRow,
): AudienceQuestion {
  const now = deps.board.clock.now().toISOString()
  const keys = new Set([...row.fields, ...Object.keys(row.content)])
  const conditions = active ? conditionsOf(abilityOf(deps, active, row), row, definitions) : []
  const paths = conditions.map(({ field }) => field).filter((field) => field.startsWith('traits.'))
  const attributes = audienceAttributes([...new Set(paths)], now)
  return {
    workspaceId,
    now,
    lineage: lineage(row.purpose),
    channel: row.channel,
    carried: [...keys].flatMap((key) => {
      const definition = definitions.get(key)
      return definition ? { key, openedAt: definition.openedAt ?? null } : []
    }),
    conditions: conditions.map((condition) => conditionToSql(condition, attributes)),
  }
}

/**
 * Everything that rules about the act and about the fields it carries ask of a profile's own row, each once. What
 * they ask of a person's standing is in a class anyway.
 */
function conditionsOf(
  ability: ReturnType<typeof abilityOf>,
  { purpose, channel, fields }: GateRow,
  definitions: Rules['definitions'],
): Leaf[] {
  const rules = [
    ...ability.rulesForActivation(purpose, channel),
    ...fields.flatMap((key) => {
      const dataClasses = new Set([
        definitions.get(key)?.dataClass ?? 'pseudonymous',
        'sensitive',
      ] as const)
      return [...dataClasses].flatMap((dataClass) =>
        ability.rulesFor('send', purpose, { kind: 'trait', key, dataClass }),
      )
    }),
  ]
  const conditions = rules
    .flatMap(({ condition }) => (condition === undefined ? [] : leavesOf(condition)))
    .filter(({ field }) => field !== 'restricted' && field !== 'jurisdiction')
  return [...new Map(conditions.map((each) => [JSON.stringify(each), each])).values()]
}

type Leaf = Exclude<Condition, { op: 'and' | 'or' | 'not' }>

function leavesOf(condition: Condition): Leaf[] {
  if (condition.op === 'and' || condition.op === 'or') return condition.conditions.flatMap(leavesOf)
  return condition.op === 'not' ? leavesOf(condition.condition) : [condition]
}
