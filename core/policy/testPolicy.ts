import { createAbilities } from '../../policies/ability.ts'
import type { Ability } from '../../policies/ability.ts'
import type { Policy } from '../../policies/document.ts'
import { limitsFor } from '../../policies/limit.ts'
import type { PurposeDefinition } from '../../policies/guard.ts'
import { shippedPurposes } from '../../policies/shippedPurposes.ts'
import { fail } from '../errors.ts'
import type { PolicyTest } from '../model/policyTest.ts'
import { axesOf, callersOf } from './testAxes.ts'
import type { Axes, Caller } from './testAxes.ts'
import { activationCells, countCells, profileCells, rightsCells } from './testCells.ts'
import type { Cell } from './testCells.ts'

/** A combination that is answered otherwise than its table says. */
export interface TestFailure {
  table: string
  /** Such as `app marketing.ads email`. */
  cell: string
  wanted: string
  got: string
  /** The rule that decided; null where none did. */
  rule: string | null
}

export interface TestReport {
  tables: number
  /** Tables with every cell right. */
  passed: number
  cells: number
  failed: number
  /** The first 100. */
  failures: TestFailure[]
  /** Ids of rules that decided no cell of any table. */
  uncovered: string[]
}

export interface TestWorld {
  /** The purposes that the workspace has. */
  purposes: readonly PurposeDefinition[]
}

/** Instants are given by the tables; one that gives none is asked at this one. */
export const testNow = '2026-06-01T12:00:00Z'

const failuresMax = 100
/** A second's work. */
const cellsMax = 50_000

/**
 * Runs the tests that a policy carries. Whoever, whichever purpose and channel is named by any table or rule is
 * asked about in each table, so that what a table does not list is refused to all of them.
 *
 * @throws bad_input when the tables make more cells than can be looked at
 */
export function testPolicy(
  policy: Policy,
  world: TestWorld = { purposes: shippedPurposes },
): TestReport {
  const tests = policy.document.tests ?? []
  const axes = axesOf(policy, tests)
  const size = tests.reduce(
    (sum, test) => sum + countCells(test, { axes, callers: callersOf(test, axes) }),
    0,
  )
  if (size > cellsMax) throw tooMany()
  const seen = new Set<string>()
  const failures: TestFailure[] = []
  let [cells, failed, passed] = [0, 0, 0]
  for (const test of tests) {
    const before = failed
    for (const cell of cellsOf(policy, test, axes, world)) {
      cells += 1
      if (cell.rule !== null) seen.add(cell.rule)
      if (isRight(cell)) continue
      failed += 1
      if (failures.length < failuresMax) failures.push(failureOf(test, cell))
    }
    if (failed === before) passed += 1
  }
  const uncovered = policy.rules.map(({ id }) => id).filter((id) => !seen.has(id))
  return { tables: tests.length, passed, cells, failed, failures, uncovered }
}

/** @throws policy_tests_failed, naming table, cell, what was wanted, what came and the rule */
export function demandGreen({ failed, failures }: TestReport): void {
  const [first] = failures
  if (first === undefined) return
  const { rule, ...words } = first
  throw fail('policy_tests_failed', { ...words, failures: failed, rule: rule ?? 'no rule' })
}

function* cellsOf(
  policy: Policy,
  test: PolicyTest,
  axes: Axes,
  { purposes }: TestWorld,
): Generator<Cell> {
  const now = new Date(test.now ?? testNow)
  const abilities = createAbilities(onError, { now: () => now })
  const abilityFor = (caller: Caller, purpose: string): Ability =>
    abilities(policy, caller.who, purpose === '' ? [] : [purpose])
  const asked = {
    axes,
    callers: callersOf(test, axes),
    abilityFor,
    limitsFor: (purpose: string, channel: string) => limitsFor(policy, purpose, channel),
    now,
    purposes,
  }
  if (test.table === 'activation') yield* activationCells(test, asked)
  else if (test.table === 'rights') yield* rightsCells(test, asked)
  else yield* profileCells(test, asked)
}

/** The answer was a refusal, and a table that wanted another fails by it. */
const onError = (): void => undefined

const isRight = ({ wanted, got }: Cell): boolean =>
  wanted.answer === got.answer && (wanted.reason === undefined || wanted.reason === got.reason)

function failureOf({ name }: PolicyTest, { name: cell, wanted, got, rule }: Cell): TestFailure {
  const isAnswer = wanted.answer !== got.answer
  const told = ({ answer, reason }: Cell['got']) =>
    reason === undefined || (isAnswer && answer === 'allow') ? answer : `${answer} (${reason})`
  return { table: name, cell, wanted: told(wanted), got: told(got), rule }
}

const tooMany = () =>
  fail('bad_input', {
    path: 'tests',
    reason: `they make more than ${cellsMax} combinations; name fewer purposes, channels and agents`,
  })
