/**
 * The smallest change that would turn a decision round: for what was refused or held, what would have it allowed;
 * for what was allowed, what would have it refused. Nothing is claimed that was not tried: each answer has been
 * decided again by the gate itself, and so has every part of it, none of which is enough.
 */
import type { Check, Outcome } from '../model/decision.ts'
import { decide } from '../flow/gate/decide.ts'
import type { GateVerdict } from '../flow/gate/input.ts'
import { candidatesFor, refusalsOf } from './candidates.ts'
import { keyOf } from './change.ts'
import type { Change } from './change.ts'
import type { Scenario } from './scenario.ts'
import type { ChangeCode } from './words/change.ts'

export interface Flip {
  readonly to: 'allow' | 'refuse'
  /** Sets of changes, all as small as can be, the most plausible first; each set flips by itself. */
  readonly sets: readonly (readonly Change[])[]
  /**
   * Why there is none: the code that nothing in anybody's power lifts, `too_many` when more than three things
   * would have to change, null when there is one.
   */
  readonly without: string | null
}

/** How many things may change together; more is not a small change any more. */
const sizeMax = 3
const setsMax = 5
/** Decisions made in search of an answer: 2 ms p50, 54 ms p99 over random cases on a loaded machine. */
const triesMax = 3000

/**
 * How likely it is that somebody does this: what only the asker has to change first, then what time and the
 * person do by themselves, and the rules for everybody last.
 */
const ranks: readonly ChangeCode[] = [
  'give_destination',
  'declare_field',
  'drop_requirement',
  'drop_content',
  'withdraw_consent',
  'object',
  'approve',
  'grant_consent',
  'guardian_grant',
  'wait',
  'drop_field',
  'use_channel',
  'release_hold',
  'resume_plugin',
  'resume_channel',
  'resume_workspace',
  'renew_key',
  'declare_in_manifest',
  'send_gpc',
  'lift_gpc',
  'lift_objection',
  'restrict',
  'lift_restriction',
  'erase',
  'set_jurisdiction',
  'remove_trait',
  'set_trait',
  'register_trait',
  'widen_definition',
  'correct_age',
  'lift_legal_hold',
  'drop_limit',
  'drop_rule',
  'add_rule',
  'pause_workspace',
]

const rankOf = (changes: readonly Change[]): number =>
  changes.reduce((sum, { code }) => sum + ranks.indexOf(code) + 1, 0)

/** Applies changes in order; undefined where one of them cannot be. */
export const applyAll = (scenario: Scenario, changes: readonly Change[]): Scenario | undefined =>
  changes.reduce<Scenario | undefined>((found, change) => found && change.apply(found), scenario)

/** What the gate says after the changes; undefined where they cannot be. */
export function outcomeAfter(scenario: Scenario, changes: readonly Change[]): Outcome | undefined {
  const changed = applyAll(scenario, changes)
  return changed && decide(changed.input).outcome
}

export function findFlip(scenario: Scenario): Flip {
  const verdict = decide(scenario.input)
  return verdict.outcome === 'allow'
    ? toRefusal(scenario, verdict)
    : toPermission(scenario, verdict)
}

function toRefusal(scenario: Scenario, { checks }: GateVerdict): Flip {
  const sets = refusalsOf(scenario, checks)
    .filter((change) => outcomeAfter(scenario, [change]) === 'refuse')
    .map((change) => [change])
  return { to: 'refuse', sets: best(sets), without: sets.length === 0 ? 'nothing' : null }
}

function toPermission(scenario: Scenario, { checks }: GateVerdict): Flip {
  const hopeless = checks.find(
    (check) => check.verdict !== 'pass' && candidatesFor(scenario, check).length === 0,
  )
  // Nobody brings back a person who is gone, so there is nothing to search for.
  const isOver = hopeless?.name === 'subject'
  const search = { left: isOver ? 0 : triesMax }
  for (let size = 1; size <= sizeMax && search.left > 0; size += 1) {
    const found = setsOf(scenario, size, [], search).filter((set) => isLeast(scenario, set))
    if (found.length > 0) return { to: 'allow', sets: best(found), without: null }
  }
  return { to: 'allow', sets: [], without: hopeless?.reason ?? 'too_many' }
}

/**
 * Sets of so many changes that lead to a yes. Whatever leads there has to lift the check that stands first in
 * the way, so only changes to that are tried, one after the other.
 */
function setsOf(
  scenario: Scenario,
  size: number,
  before: readonly Change[],
  search: { left: number },
): (readonly Change[])[] {
  if (search.left <= 0) return []
  search.left -= 1
  const { outcome, checks } = decide(scenario.input)
  if (outcome === 'allow') return [before]
  const first = blockerOf(checks)
  if (size === 0 || first === undefined) return []
  const done = new Set(before.map(keyOf))
  return candidatesFor(scenario, first)
    .filter((change) => !done.has(keyOf(change)))
    .flatMap((change) => {
      const changed = change.apply(scenario)
      return changed ? setsOf(changed, size - 1, [...before, change], search) : []
    })
}

const blockerOf = (checks: readonly Check[]): Check | undefined =>
  checks.find(({ verdict }) => verdict === 'fail') ??
  checks.find(({ verdict }) => verdict === 'hold')

/** None of the parts is enough. */
const isLeast = (scenario: Scenario, set: readonly Change[]): boolean =>
  partsOf(set).every((part) => outcomeAfter(scenario, part) !== 'allow')

/** Every proper part of a set, in its order. */
export const partsOf = <T>(set: readonly T[]): T[][] =>
  Array.from({ length: 2 ** set.length - 1 }, (_, mask) =>
    set.filter((_, index) => (mask & (1 << index)) !== 0),
  )

function best(sets: readonly (readonly Change[])[]): (readonly Change[])[] {
  const distinct = new Map(sets.map((set) => [set.map(keyOf).toSorted().join('\n'), set]))
  return [...distinct.values()]
    .toSorted((left, right) => rankOf(left) - rankOf(right))
    .slice(0, setsMax)
}
