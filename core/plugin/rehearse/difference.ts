/** Where what two versions of an agent make of one and the same reaction differs. Pure. */
import { jsonEqual, type Json } from '../../model/json.ts'

/** What a reaction leaves behind has these parts. */
export const parts = [
  'trait',
  'confidence',
  'interval',
  'activation',
  'hold',
  'intent',
  'veto',
  'profile_state',
  'plugin_state',
  'ending',
] as const
export type Part = (typeof parts)[number]

/** One thing that stands, or is asked for, once the reaction is over. */
export interface Said {
  part: Part
  key: string
  value: Json
}

/** What a reaction comes to: all that it leaves behind, at most one of each part and key, or why it failed. */
export type Result = { says: readonly Said[] } | { failed: string }

export interface Difference {
  part: Part
  key: string
  kind: 'added' | 'removed' | 'changed'
  old: Json | undefined
  next: Json | undefined
}

export const verdicts = ['same', 'changed', 'only_new_failed', 'only_old_failed'] as const
export type Verdict = (typeof verdicts)[number]

export interface Comparison {
  verdict: Verdict
  /** None where one of the two failed: everything would be one. */
  differences: Difference[]
}

export function compare(old: Result, next: Result): Comparison {
  if ('failed' in old && 'failed' in next) {
    const differences = differencesOf([failure(old.failed)], [failure(next.failed)])
    return { verdict: verdictOf(differences), differences }
  }
  if ('failed' in next) return { verdict: 'only_new_failed', differences: [] }
  if ('failed' in old) return { verdict: 'only_old_failed', differences: [] }
  const differences = differencesOf(old.says, next.says)
  return { verdict: verdictOf(differences), differences }
}

const failure = (code: string): Said => ({ part: 'ending', key: 'failure', value: code })

const verdictOf = ({ length }: readonly Difference[]): Verdict =>
  length === 0 ? 'same' : 'changed'

function differencesOf(old: readonly Said[], next: readonly Said[]): Difference[] {
  const before = new Map(old.map((said) => [placeOf(said), said]))
  const after = new Map(next.map((said) => [placeOf(said), said]))
  return [...new Map([...before, ...after])].toSorted(byPlace).flatMap(([place, { part, key }]) => {
    const [was, is] = [before.get(place)?.value, after.get(place)?.value]
    if (jsonEqual(was, is)) return []
    const kind = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'
    return [{ part, key, kind, old: was, next: is }]
  })
}

const placeOf = ({ part, key }: Said): string => `${parts.indexOf(part)} ${key}`

const byPlace = ([one]: [string, unknown], [other]: [string, unknown]): number =>
  one < other ? -1 : 1
