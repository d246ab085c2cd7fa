/**
 * The gate's answer for everybody at once. Persons of whom it must say the same are put in classes by one
 * statement, and one of each class is decided as any single activation is: by `decide`, from what is loaded for
 * that person. So the answers cannot differ from those given one by one, and a million persons take as many
 * decisions as there are kinds of them.
 */
import type { TransactionSql } from 'postgres'
import { conditionToSql } from '../../../blackboard/condition.ts'
import type { Database } from '../../../blackboard/connect.ts'
import type { GateRow } from '../../../blackboard/query/claimProposed.ts'
import {
  audienceAttributes,
  groupAudience,
  type AudienceClass,
  type AudienceQuestion,
} from '../../../blackboard/query/groupAudience.ts'
import { fixSnapshot } from '../../../blackboard/query/fixSnapshot.ts'
import { joinByRow, joinInSets } from '../../../blackboard/query/joinInSets.ts'
import { listProfileRanges } from '../../../blackboard/query/listProfileRanges.ts'
import { shareSnapshot, takeSnapshot } from '../../../blackboard/query/shareSnapshot.ts'
import { transact } from '../../../blackboard/transact.ts'
import type { Condition } from '../../model/condition.ts'
import type { Proposal } from '../../model/activation.ts'
import type { Outcome } from '../../model/decision.ts'
import { adultAge, ageAtLeast } from '../../model/age.ts'
import { lineage } from '../../model/purpose.ts'
import { dataClasses } from '../../model/trait.ts'
import type { Ability } from '../../../policies/ability.ts'
import { maxAgeOf } from '../../../policies/limit.ts'
import { abilityOf, assemble, limitsOf, rulesOf, type GateDeps, type Rules } from './assemble.ts'
import { capsFor } from './contacts.ts'
import { judge } from './gate.ts'
import type { GateVerdict } from './input.ts'

export interface Audience {
  profiles: number
  /** By outcome and reason, the most first. */
  answers: { outcome: Outcome; reason: string; profiles: number }[]
}

/** A class of persons with what the gate says of each of them. */
export interface AudienceVerdict extends AudienceClass {
  verdict: GateVerdict
}

/** Who proposes, as an activation of theirs would say it. */
export type Proposer = Pick<GateRow, 'proposerKind' | 'proposerId' | 'role' | 'name'>

/** Decided side by side; the persons of so many classes are loaded with one statement. */
const classesMax = 500
/** Profiles classed with one statement, which takes 0.3 s; larger ones were not faster. */
const rangeSize = 25_000

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
  moving: GateDeps,
  workspaceId: number,
  proposer: Proposer,
  proposal: Proposal,
): Promise<AudienceVerdict[]> {
  const deps = asOfNow(moving)
  const rules = await rulesOf(deps, workspaceId)
  const rowOf = (profileId: string) => audienceRow(workspaceId, proposer, proposal, profileId)
  const { db } = deps.board
  // Classes and the persons that stand for them are of one moment.
  return transact(db, async (tx) => {
    await fixSnapshot(tx)
    const classes = await groupAll(db, tx, audienceQuestion(deps, rules, rowOf('')))
    return judgeClasses(tx, deps, rules, classes, rowOf)
  })
}

/** Goes through all profiles range by range; on a server a second connection, which sees the same, takes its part. */
async function groupAll(
  db: Database,
  tx: TransactionSql,
  question: AudienceQuestion,
): Promise<AudienceClass[]> {
  const { workspaceId } = question
  const ends = await listProfileRanges(tx, { workspaceId, size: rangeSize })
  const ranges = ends.map(({ upTo }, at) => ({ after: ends[at - 1]?.upTo ?? '', upTo })).values()
  const classes = new Map<string, AudienceClass>()
  const work = async (handle: TransactionSql): Promise<void> => {
    await joinInSets(handle)
    for (const range of ranges) {
      for (const each of await groupAudience(handle, question, range)) {
        const known = classes.get(each.class)
        if (known) known.count += each.count
        else classes.set(each.class, each)
      }
    }
  }
  const share = async (): Promise<void> => {
    const snapshot = await shareSnapshot(tx)
    await transact(db, async (other) => {
      await takeSnapshot(other, snapshot)
      await work(other)
    })
  }
  await Promise.all([work(tx), ...(db.engine === 'server' ? [share()] : [])])
  await joinByRow(tx)
  return [...classes.values()]
}

/** What takes seconds is decided as of one instant. */
export function asOfNow(deps: GateDeps): GateDeps {
  const { board } = deps
  const now = board.clock.now()
  return { ...deps, board: { ...board, clock: { ...board.clock, now: () => now } } }
}

/** The act as if it were one person's. */
export const audienceRow = (
  workspaceId: number,
  proposer: Proposer,
  proposal: Proposal,
  profileId: string,
): GateRow => ({
  ...proposal,
  ...proposer,
  workspaceId,
  profileId,
  // Of no activation that there is.
  id: `audience:${profileId}`,
  requires: proposal.requires ?? [],
  risk: proposal.risk ?? null,
  cost: proposal.cost ?? null,
  destination: proposal.destination ?? null,
  attempts: 0,
  approval: null,
})

async function judgeClasses(
  tx: TransactionSql,
  deps: GateDeps,
  rules: Rules,
  classes: readonly AudienceClass[],
  rowOf: (profileId: string) => GateRow,
): Promise<AudienceVerdict[]> {
  const load = async (from: number) => {
    const some = classes.slice(from, from + classesMax)
    const rows = some.map(({ profileId }) => rowOf(profileId))
    return { some, rows, assembly: await assemble(tx, deps, rules, rows) }
  }
  const verdicts: AudienceVerdict[] = []
  let loading = load(0)
  for (let from = classesMax; ; from += classesMax) {
    const { some, rows, assembly } = await loading
    const isLast = from >= classes.length
    // The database loads the next ones while these are decided.
    if (!isLast) loading = load(from)
    for (const [at, each] of some.entries()) {
      const row = rows[at]
      const [judged] = row ? judge(deps, assembly, row) : []
      if (judged) verdicts.push({ ...each, verdict: judged.verdict })
    }
    if (isLast) return verdicts
  }
}

/** What the gate's answer to this act may depend on. */
export function audienceQuestion(
  deps: GateDeps,
  { workspaceId, active, definitions }: Rules,
  row: GateRow,
): AudienceQuestion {
  const at = deps.board.clock.now()
  const now = at.toISOString()
  const limits = limitsOf(active, row)
  const days = maxAgeOf(limits)
  const conditions = active ? conditionsOf(abilityOf(deps, active, row), row) : []
  const attributes = audienceAttributes(
    conditions.map(({ field }) => field).filter((field) => field.startsWith('traits.')),
    now,
  )
  return {
    workspaceId,
    now,
    lineage: lineage(row.purpose),
    channel: row.channel,
    carried: carriedOf(row, definitions),
    conditions: conditions.map((condition) => conditionToSql(condition, attributes)),
    values: limits.flatMap(({ quietHours }) =>
      quietHours?.timezoneTrait === undefined ? [] : `traits.${quietHours.timezoneTrait}`,
    ),
    ages: Object.fromEntries(bandsAt(at).map((band) => [band, ageAtLeast(band, at)])),
    aged: days === null ? null : { keys: row.fields, by: earlier(at, days * 24) },
    caps: capsFor(active?.policy, row).map(({ cap, purposes, channels }) => ({
      max: cap.max,
      purposes,
      channels,
      since: earlier(at, cap.hours),
    })),
  }
}

/** Every band of somebody who may be a minor, as their standing has it. */
const bandsAt = (at: Date): string[] =>
  Array.from({ length: (adultAge + 1) * 12 }, (_, months) => {
    const month = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1 - months))
    return `born_before_${month.toISOString().slice(0, 7)}`
  })

const earlier = (at: Date, hours: number): string =>
  new Date(at.getTime() - hours * 3_600_000).toISOString()

const carriedOf = (
  { fields, content }: GateRow,
  definitions: Rules['definitions'],
): AudienceQuestion['carried'] =>
  [...new Set([...fields, ...Object.keys(content)])].flatMap((key) => {
    const definition = definitions.get(key)
    return definition ? { key, openedAt: definition.openedAt ?? null } : []
  })

/**
 * Everything that rules about the act and about the fields it carries ask of a profile's own row, each once. What
 * they ask of a person's standing is in a class anyway.
 */
function conditionsOf(ability: Ability, { purpose, channel, fields }: GateRow): Leaf[] {
  const rules = [
    ...ability.rulesForActivation(purpose, channel),
    // By any class: whether a value counts by its definition's or as sensitive differs from person to person.
    ...fields.flatMap((key) =>
      dataClasses.flatMap((dataClass) =>
        ability.rulesFor('send', purpose, { kind: 'trait', key, dataClass }),
      ),
    ),
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
