import fc from 'fast-check'
import type { SQL } from 'drizzle-orm'
import { planToSql } from '../../../blackboard/condition.ts'
import { profileAttributes } from '../../../blackboard/query/listProfiles.ts'
import { SlateboardError } from '../../../core/errors.ts'
import { answersOf, type Answers } from './answers.ts'
import { operators, ruleSet, type RuleSet } from './ruleSet.ts'
import type { World } from './world.ts'

export interface FuzzResult {
  ruleSets: number
  /** Answers compared, one per question, profile and way of asking. */
  answers: number
  /** Share of profiles that the answers let see. */
  seen: number
  /** Plans that had to ask the database. */
  conditional: number
  /** How often each operator stood in a rule. */
  operators: Record<string, number>
  /** Rule sets with any difference. */
  differences: number
  /** How the first of them looks when made as small as it gets, with the seed that finds it again. */
  example: string
}

const batch = 200

/**
 * Asks about random rule sets in every way that the product asks: the decision, the plan, the field mask, the
 * agent's view and the filter in SQL, which is put to the database for 200 rule sets in one statement.
 */
export async function fuzz(
  world: World,
  { ruleSets, seed }: { ruleSets: number; seed: number },
): Promise<FuzzResult> {
  const result: FuzzResult = {
    ruleSets: 0,
    answers: 0,
    seen: 0,
    conditional: 0,
    operators: Object.fromEntries(operators.map((name) => [name, 0])),
    differences: 0,
    example: '',
  }
  for (let from = seed; result.ruleSets < ruleSets; from += 1) {
    const numRuns = Math.min(batch, ruleSets - result.ruleSets)
    const drawn = fc.sample(ruleSet, { seed: from, numRuns })
    for (const [at, difference] of (await judge(world, drawn, result)).entries()) {
      if (difference === undefined) continue
      result.differences += 1
      if (result.example === '') result.example = await shrink(world, from, at, difference)
    }
    result.ruleSets += drawn.length
  }
  return { ...result, seen: result.seen / result.answers }
}

/** As `differ`; when one of the rule sets fails, each is asked alone, so that it is known which. */
async function judge(world: World, drawn: readonly RuleSet[], result: FuzzResult) {
  try {
    return await differ(world, drawn, result)
  } catch {
    const differences: (string | undefined)[] = []
    for (const one of drawn) {
      const [difference] = await differ(world, [one]).catch((thrown: unknown) => [told(thrown)])
      differences.push(difference)
    }
    return differences
  }
}

/** Per rule set what differs, if anything does. */
async function differ(
  world: World,
  drawn: readonly RuleSet[],
  counts?: FuzzResult,
): Promise<(string | undefined)[]> {
  const asked: Answers[][] = []
  for (const one of drawn) asked.push(await answersOf(world, one))
  if (counts) count(counts, drawn, asked)
  const filtered = await inSql(world, asked)
  return asked.map((questions, at) => {
    for (const [nth, answers] of questions.entries()) {
      const found = filtered[at]?.[nth]
      const ways = { ...answers.ways, ...(found === undefined ? {} : { sql: found }) }
      const difference = compare(world, { ...answers, ways })
      if (difference !== undefined) return difference
    }
    return undefined
  })
}

/** The answers of the database; a plan that is always or never is not put to it. */
async function inSql(world: World, asked: readonly Answers[][]): Promise<string[][]> {
  const conditions: SQL[] = []
  const places = asked.map((questions) =>
    questions.map(({ plan }) => {
      if (plan.kind !== 'conditional') return plan.kind
      conditions.push(planToSql(plan, profileAttributes))
      return conditions.length - 1
    }),
  )
  const rows = await world.filter(conditions)
  const column = (place: number | string): string =>
    typeof place === 'number'
      ? rows.map((row) => row[place]).join('')
      : (place === 'always' ? '1' : '0').repeat(world.profiles.length)
  return places.map((questions) => questions.map(column))
}

function compare(world: World, { question, ways }: Answers): string | undefined {
  for (let at = 0; at < world.profiles.length; at++) {
    const answers = Object.entries(ways).map(([way, bits]) => [way, bits[at]] as const)
    const told = new Set(answers.map(([, answer]) => answer).filter((answer) => answer !== '-'))
    if (told.size < 2) continue
    const said = answers.map(([way, answer]) => `${way} ${answer}`).join(', ')
    return `${question}: ${said}, for ${JSON.stringify(world.slices[at])}`
  }
  return undefined
}

function count(counts: FuzzResult, drawn: readonly RuleSet[], asked: readonly Answers[][]): void {
  const text = JSON.stringify(drawn)
  for (const name of operators) {
    counts.operators[name] = (counts.operators[name] ?? 0) + text.split(`"${name}":`).length - 1
  }
  for (const { plan, ways } of asked.flat()) {
    if (plan.kind === 'conditional') counts.conditional += 1
    for (const bits of Object.values(ways)) {
      counts.answers += bits.length
      counts.seen += bits.split('1').length - 1
    }
  }
}

/** Lets fast-check find the smallest rule set that still differs; its report holds seed and path. */
async function shrink(world: World, seed: number, at: number, difference: string): Promise<string> {
  const differing = fc.asyncProperty(ruleSet, async (one) => {
    const [found] = await differ(world, [one]).catch((thrown: unknown) => [told(thrown)])
    fc.pre(found === undefined || !found.startsWith('policy_invalid'))
    if (found !== undefined) throw new TypeError(found)
  })
  const details = await fc.check(differing, { seed, path: String(at), numRuns: at + 1 })
  return details.failed
    ? `seed ${details.seed}, path "${details.counterexamplePath}": ${String(details.errorInstance)}
       ${JSON.stringify(details.counterexample)}`
    : `seed ${seed}, rule set ${at}, which agrees when asked alone: ${difference}`
}

const told = (thrown: unknown): string =>
  thrown instanceof SlateboardError ? `${thrown.code}: ${thrown.message}` : String(thrown)
