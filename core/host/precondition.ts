import type { Condition } from '../model/condition.ts'
import type { Row } from '../model/match.ts'
import type { ReactInput } from './contract.ts'
import { fieldsOf } from '../model/condition.ts'
import type { AgentManifest } from '../model/manifest.ts'
import { collectProblems } from '../../policies/problem.ts'
import { readWhen } from '../../policies/when.ts'

type Guarded = Pick<AgentManifest, 'when' | 'reads'>

const attributes = { traits: 'jsonb', intervals: 'jsonb' } as const
const bounds: ReadonlySet<string> = new Set(['low', 'high', 'level'])

/** What an agent's `when` asks; undefined where it asks nothing. Of a manifest that was checked. */
export const preconditionOf = (agent: Guarded): Condition | undefined =>
  readPrecondition(agent, '').condition

/** What a precondition is asked of: what the agent is shown. */
export function shownTo({ traits }: ReactInput['profile']): Row {
  const views = Object.entries(traits)
  return {
    traits: Object.fromEntries(views.map(([key, { value }]) => [key, value])),
    intervals: Object.fromEntries(views.map(([key, { interval }]) => [key, interval])),
  }
}

/** The need that decides, of those that are not there or not fresh; of several the most careful. */
export function staleNeed(
  { needs }: Pick<AgentManifest, 'needs'>,
  { profile, now }: Pick<ReactInput, 'profile' | 'now'>,
): AgentManifest['needs'][number] | undefined {
  const stale = needs.filter(({ trait, maxAgeMs = Infinity }) => {
    const view = Object.hasOwn(profile.traits, trait) ? profile.traits[trait] : undefined
    return view === undefined || Date.parse(now) - Date.parse(view.writtenAt) > maxAgeMs
  })
  const first = (policy: string) => stale.find(({ onStale }) => onStale === policy)
  return first('halt') ?? first('skip') ?? stale[0]
}

/** The traits that a precondition asks for. */
export const traitsAsked = (condition: Condition): string[] => [
  ...new Set(fieldsOf(condition).flatMap((field) => field.split('.')[1] ?? [])),
]

export const asksIntervals = (condition: Condition): boolean =>
  fieldsOf(condition).some((field) => field.startsWith('intervals.'))

/** Read as a policy's permit is, of the declared traits and their intervals. @param path where the agent stands in the manifest */
export function readPrecondition(
  { when, reads }: Guarded,
  path: string,
): { condition?: Condition; problems: string[] } {
  if (when === undefined) return { problems: [] }
  const place = `${path}.when`
  const { problems, report } = collectProblems()
  const reading = { effect: 'permit', path: place, asker: {}, report, attributes } as const
  const condition = readWhen(when, reading)
  if (condition === undefined) {
    const told = problems.map(
      (each) => `${each.path} is ${each.value}: ${each.reason}. ${each.remedy}`,
    )
    const nobody = `${place} asks who asks: nobody does, name a value instead`
    return { problems: told.length > 0 ? told : [nobody] }
  }
  const hidden = fieldsOf(condition).flatMap((field) => {
    const [root, key = '', bound = ''] = field.split('.')
    if (root === 'intervals' && !bounds.has(bound)) {
      return `${place} names "${field}": of an interval there are low, high and level`
    }
    return reads.traits.includes(key)
      ? []
      : `${place} asks for "${key}", which the agent does not read: add it to reads.traits`
  })
  return hidden.length > 0 ? { problems: hidden } : { condition, problems: [] }
}
