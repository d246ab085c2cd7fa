import type { Condition } from '../core/model/condition.ts'
import { matcher } from '../core/model/match.ts'
import { isNobodyYet } from './placeholder.ts'
import { profileAttributes } from './vocabulary.ts'

/** A rule in one cell: it applies where one of the field atoms (or none is named) and the condition hold. */
export interface CellRule {
  readonly effect: 'permit' | 'forbid'
  /** What may or may not be true of the value's name, where the cell is about several names; empty: it is. */
  readonly atoms: readonly string[]
  readonly condition?: Condition
}

/** Whether there is a case that only the one lets through, or the other, or either. */
export interface CellComparison {
  readonly before: boolean
  readonly after: boolean
  readonly gains: boolean
  readonly loses: boolean
}

/** Bounds the work of one comparison of policies, in cases looked at. */
export interface Budget {
  left: number
}

const casesMax = 20_000

type Case = ReadonlyMap<string, boolean>

/**
 * Compares what two lists of rules permit, over every case that the conditions can tell apart: each attribute
 * in turn is given all values that some comparison distinguishes, and what cannot be listed (an element of an
 * array) counts as true and false. So nothing is missed; what is found may be a case that no profile is in.
 * With more cases than can be looked at, everything is taken to be possible.
 */
export function compareCell(
  before: readonly CellRule[],
  after: readonly CellRule[],
  budget: Budget,
): CellComparison {
  const cases = casesOf([...before, ...after])
  if (cases === undefined || cases.length > budget.left) {
    budget.left = 0
    return { before: before.some(isPermit), after: after.some(isPermit), gains: true, loses: true }
  }
  budget.left -= cases.length
  const found = { before: false, after: false, gains: false, loses: false }
  for (const each of cases) {
    const was = permits(before, each)
    const is = permits(after, each)
    found.before ||= was
    found.after ||= is
    found.gains ||= is && !was
    found.loses ||= was && !is
  }
  return found
}

const isPermit = ({ effect }: CellRule): boolean => effect === 'permit'

function permits(rules: readonly CellRule[], given: Case): boolean {
  const applying = rules.filter(
    ({ atoms, condition }) =>
      (atoms.length === 0 || atoms.some((atom) => given.get(atom))) &&
      (condition === undefined || holds(condition, given)),
  )
  return applying.length > 0 && applying.every(isPermit)
}

function holds(condition: Condition, given: Case): boolean {
  if (condition.op === 'and') return condition.conditions.every((each) => holds(each, given))
  if (condition.op === 'or') return condition.conditions.some((each) => holds(each, given))
  if (condition.op === 'not') return !holds(condition.condition, given)
  return given.get(keyOf(condition)) ?? false
}

type Leaf = Exclude<Condition, { op: 'and' | 'or' | 'not' }>

const keyOf = (leaf: Leaf): string => JSON.stringify(leaf)

/** Every combination of answers that the questions can have; undefined when there are too many. */
function casesOf(rules: readonly CellRule[]): Case[] | undefined {
  const leaves = new Map(
    rules
      .flatMap(({ condition }) => (condition === undefined ? [] : leavesOf(condition)))
      .map((leaf) => [keyOf(leaf), leaf]),
  )
  const atoms = new Set(rules.flatMap((rule) => rule.atoms))
  const dimensions = [
    ...[...atoms].map(either),
    ...[...Map.groupBy(leaves.values(), ({ field }) => field).values()].flatMap(answersOf),
  ]
  let cases: [string, boolean][][] = [[]]
  for (const answers of dimensions) {
    if (cases.length * answers.length > casesMax) return undefined
    cases = cases.flatMap((known) => answers.map((answer) => [...known, ...answer]))
  }
  return cases.map((each) => new Map(each))
}

const either = (key: string): [string, boolean][][] => [[[key, true]], [[key, false]]]

function leavesOf(condition: Condition): Leaf[] {
  if (condition.op === 'and' || condition.op === 'or') return condition.conditions.flatMap(leavesOf)
  return condition.op === 'not' ? leavesOf(condition.condition) : [condition]
}

/** The distinct lines of answers that values of one attribute give to the questions about it. */
function answersOf(leaves: readonly Leaf[]): [string, boolean][][][] {
  const closed = leaves.filter(isClosed)
  const open = leaves.filter((leaf) => !isClosed(leaf))
  const [first] = closed
  if (first === undefined) return open.map((leaf) => either(keyOf(leaf)))
  const tests = closed.map((leaf) => ({ key: keyOf(leaf), test: matcher({ ...leaf, field: '' }) }))
  const lines = new Map<string, [string, boolean][]>()
  for (const value of valuesFor(first.field, closed)) {
    const line = tests.map(({ key, test }): [string, boolean] => [key, test(value)])
    lines.set(line.map(([, answer]) => Number(answer)).join(''), line)
  }
  return [[...lines.values()], ...open.map((leaf) => either(keyOf(leaf)))]
}

/** True for a question that one plain value answers by itself, whoever asks. */
function isClosed(leaf: Leaf): boolean {
  if (leaf.op === 'all' || leaf.op === 'size' || leaf.op === 'elemMatch') return false
  return constantsOf(leaf).every((value) => !isNobodyYet(value))
}

const constantsOf = (leaf: Leaf): readonly unknown[] => {
  if ('values' in leaf) return leaf.values
  return 'value' in leaf && leaf.op !== 'exists' && leaf.op !== 'size' ? [leaf.value] : []
}

/** Values of every kind that the questions can tell apart: each constant, and what lies between and beyond. */
function valuesFor(field: string, leaves: readonly Leaf[]): unknown[] {
  const constants = leaves.flatMap(constantsOf)
  const numbers = constants.filter((each) => typeof each === 'number').toSorted((a, b) => a - b)
  const texts = constants.filter((each) => typeof each === 'string')
  const times = texts.map((each) => Date.parse(each)).filter((each) => !Number.isNaN(each))
  const kinds = {
    boolean: [true, false],
    text: ['', 'x', ...texts.flatMap((each) => [each, `${each}\u0000`])],
    timestamp: [0, ...times.flatMap((each) => [each - 1, each, each + 1])].map(
      (ms) => new Date(ms),
    ),
    number: numbers.flatMap((each, at) => [
      each - 1,
      each,
      (each + (numbers[at + 1] ?? each + 2)) / 2,
    ]),
  }
  const names: Readonly<Record<string, keyof typeof kinds | 'jsonb'>> = profileAttributes
  const type = Object.hasOwn(names, field) ? names[field] : undefined
  if (type !== undefined && type !== 'jsonb') return [null, ...kinds[type]]
  return [null, ...kinds.boolean, ...kinds.text, ...kinds.number, 0.5, [], {}]
}
