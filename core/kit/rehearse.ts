/** Runs a plugin's fixtures in the real sandbox and holds the answers against the recorded ones. */
import { asSlateboardError } from '../errors.ts'
import type { CheckedOutcome } from '../host/outcome.ts'
import { tryOne, type Tried } from '../host/tryOne.ts'
import { isObject, jsonEqual, jsonObjectSchema, type Json, type JsonObject } from '../model/json.ts'
import type { NamedFixture } from './fixture.ts'
import type { SimulatedDecision, Simulator, Withheld } from './simulate.ts'

/** `new` has nothing recorded; `changed` answers otherwise than recorded. */
export type Verdict = 'same' | 'new' | 'changed'

export interface Rehearsed {
  name: string
  agent: string
  verdict: Verdict
  /** The outcome, or `{ error: code }` as production would record it. */
  answer: JsonObject
  /** The error in words; null where the agent answered. */
  problem: string | null
  /** Places where the answer is not the recorded one: path, recorded, now. */
  differences: string[]
  withheld: Withheld[]
  decisions: SimulatedDecision[]
  /** Milliseconds in the sandbox, the way there and back included. */
  ms: number
}

interface Stage {
  tried: Tried
  simulator: Simulator
}

export async function rehearse(
  stage: Stage,
  fixtures: readonly NamedFixture[],
): Promise<Rehearsed[]> {
  const rehearsed: Rehearsed[] = []
  // One after another: the time of each is then its own.
  for (const named of fixtures) rehearsed.push(await rehearseOne(stage, named))
  return rehearsed
}

async function rehearseOne(
  { tried, simulator }: Stage,
  { name, fixture }: NamedFixture,
): Promise<Rehearsed> {
  const agent = tried.manifest.agents.find(({ id }) => id === fixture.agent)
  const withheld = agent ? simulator.withheld(agent, fixture) : []
  const unseen = new Set(withheld.map(({ trait }) => trait))
  const { traits, causes, now } = fixture
  const started = performance.now()
  const ran = await run(() =>
    tryOne(tried, fixture.agent, {
      // What policy withholds the agent would not get in production either.
      traits: Object.fromEntries(Object.entries(traits).filter(([key]) => !unseen.has(key))),
      causes,
      now,
    }),
  )
  const ms = performance.now() - started
  const { expect: recorded } = fixture
  const differences = recorded ? differencesOf('', recorded, ran.answer) : []
  const verdict = recorded === undefined ? 'new' : differences.length === 0 ? 'same' : 'changed'
  return {
    name,
    agent: fixture.agent,
    verdict,
    answer: ran.answer,
    problem: ran.problem,
    differences,
    withheld,
    decisions: agent && ran.outcome ? simulator.decisions(agent, fixture, ran.outcome) : [],
    ms,
  }
}

interface Ran {
  answer: JsonObject
  problem: string | null
  outcome: CheckedOutcome | null
}

async function run(call: () => Promise<CheckedOutcome>): Promise<Ran> {
  try {
    const outcome = await call()
    return { answer: jsonObjectSchema.parse(outcome), problem: null, outcome }
  } catch (thrown) {
    const { code, message, remedy } = asSlateboardError(thrown)
    return { answer: { error: code }, problem: `${message} ${remedy}`, outcome: null }
  }
}

const differencesMax = 20

/** Where two JSON values differ, deepest place first named, such as `writes.plan.value was 1, is 2`. */
export function differencesOf(path: string, was: Json | undefined, is: Json | undefined): string[] {
  if (jsonEqual(was, is)) return []
  if (!isObject(was) || !isObject(is)) {
    return [`${path || 'the answer'} was ${brief(was)}, is ${brief(is)}`]
  }
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])]
  return keys
    .flatMap((key) => differencesOf(path === '' ? key : `${path}.${key}`, was[key], is[key]))
    .slice(0, differencesMax)
}

function brief(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}
