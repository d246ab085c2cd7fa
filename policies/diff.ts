import type { PolicyRule } from '../core/model/policy.ts'
import { classifiesAnew, comparePolicies, unknownTraitsOf } from './compare.ts'
import type { AccessChange } from './compare.ts'
import { classesInWords, describeRule } from './describe.ts'
import { diffLimits } from './diffLimits.ts'
import type { Policy } from './document.ts'
import { actionWords, callerWords, listed, purposeWords, sentence } from './words.ts'

/** The difference of two policies, for people. */
export interface PolicyDiff {
  /** Somebody may do something that they might not before. */
  readonly widens: boolean
  /** What happened to which rule or limit: added, removed, changed, reworded. */
  readonly rules: readonly string[]
  /** What that means: who may do what from now on, and who may not any more. */
  readonly access: readonly string[]
  /** What happened to the tests. */
  readonly tests: readonly string[]
}

const linesMax = 200

/** @param before null when there was no policy */
export function diffPolicies(before: Policy | null, after: Policy): PolicyDiff {
  const { widens, changes } = comparePolicies(before, after)
  return {
    widens,
    rules: bounded([
      ...unknownTraitsWords(before, after),
      ...diffRules(before?.document.rules ?? [], after.document.rules),
      ...diffLimits(before?.document.limits ?? [], after.document.limits ?? []),
    ]),
    access: bounded(accessWords(changes)),
    tests: bounded(diffTests(before, after)),
  }
}

const bounded = (lines: readonly string[]): readonly string[] =>
  lines.length <= linesMax
    ? lines
    : [...lines.slice(0, linesMax), `And ${lines.length - linesMax} more.`]

function unknownTraitsWords(before: Policy | null, after: Policy): string[] {
  if (before === null || !classifiesAnew(before, after)) return []
  const [was, is] = [before, after].map((each) => classesInWords[unknownTraitsOf(each)])
  return [`Traits that nobody defined are taken for ${is}, where they were taken for ${was}.`]
}

function diffRules(before: readonly PolicyRule[], after: readonly PolicyRule[]): string[] {
  const was = new Map(before.map((rule) => [rule.id, rule]))
  const is = new Map(after.map((rule) => [rule.id, rule]))
  return [
    ...after.flatMap((rule) => {
      const old = was.get(rule.id)
      return old === undefined
        ? [`Added ${rule.id}: ${rule.sentence} ${inFull(rule)}`]
        : changeWords(old, rule)
    }),
    ...before.flatMap(({ id, sentence }) => (is.has(id) ? [] : [`Removed ${id}: ${sentence}`])),
  ]
}

function changeWords(old: PolicyRule, rule: PolicyRule): string[] {
  const parts = changedParts(old, rule)
  const isReworded = old.sentence !== rule.sentence
  if (parts.length === 0) {
    return isReworded ? [`Reworded ${rule.id}: "${old.sentence}" is now "${rule.sentence}"`] : []
  }
  const now = isReworded
    ? `"${old.sentence}" is now "${rule.sentence}"`
    : `${rule.sentence} (The sentence is as before; does it still say what the rule does?)`
  return [`Changed ${rule.id}, ${listed(parts)}: ${now} ${inFull(rule)}`]
}

/** What the machine makes of it, beside what its author says. */
const inFull = (rule: PolicyRule): string => `In full: ${describeRule(rule)}`

const compared = [
  'effect',
  'roles',
  'agents',
  'action',
  'subject',
  'purposes',
  'fields',
  'channels',
  'when',
  'from',
  'until',
  'reason',
] as const satisfies (keyof PolicyRule)[]

/** Such as "purposes (with marketing, without service)". */
const changedParts = (old: PolicyRule, rule: PolicyRule): string[] =>
  compared.flatMap((part) => {
    const [was, is] = [old[part], rule[part]]
    if (JSON.stringify(was) === JSON.stringify(is)) return []
    if (was === undefined) return [`with ${part}`]
    if (is === undefined) return [`without ${part}`]
    return Array.isArray(was) && Array.isArray(is) ? listChange(part, was, is) : [`another ${part}`]
  })

function listChange(part: string, was: readonly unknown[], is: readonly unknown[]): string[] {
  const added = is.filter((each) => !was.includes(each)).map(String)
  const removed = was.filter((each) => !is.includes(each)).map(String)
  const words = [
    ...(added.length > 0 ? [`with ${listed(added)}`] : []),
    ...(removed.length > 0 ? [`without ${listed(removed)}`] : []),
  ]
  return words.length === 0 ? [] : [`${part} (${words.join(', ')})`]
}

function diffTests(before: Policy | null, after: Policy): string[] {
  const byName = (policy: Policy | null) =>
    new Map((policy?.document.tests ?? []).map((test) => [test.name, test]))
  const [was, is] = [byName(before), byName(after)]
  return [
    ...[...is].flatMap(([name, test]) => {
      const old = was.get(name)
      if (old === undefined) return [`Added table ${name}: ${test.description}`]
      return JSON.stringify(old) === JSON.stringify(test)
        ? []
        : [`Changed table ${name}: ${test.description}`]
    }),
    ...[...was].flatMap(([name, { description }]) =>
      is.has(name) ? [] : [`Removed table ${name}: ${description}`],
    ),
  ]
}

/** One sentence for all that differs in one part only: targets first, then purposes, then who. */
function accessWords(changes: readonly AccessChange[]): string[] {
  const isNamed = changes.some(({ who }) => who.includes('/'))
  const lines = changes.map(({ target, ...change }): Line => ({
    ...change,
    verb: verbOf(change),
    whos: [callerWords(change.who, isNamed)],
    purposes: change.purpose === undefined ? null : [change.purpose],
    targets: target === undefined ? [] : [target],
  }))
  const byTarget = merged(lines, 'targets', ({ verb, action, subject, whos, purposes }) => [
    verb,
    action,
    subject,
    whos,
    purposes,
  ])
  const byPurpose = merged(byTarget, 'purposes', ({ verb, action, subject, whos, targets }) => [
    verb,
    action,
    subject,
    whos,
    targets,
  ])
  const byWho = merged(byPurpose, 'whos', ({ verb, action, subject, purposes, targets }) => [
    verb,
    action,
    subject,
    purposes,
    targets,
  ])
  return byWho.map((line) => {
    const { verb, whos, purposes, targets } = line
    const what = `${listed(whos)} ${verb[0]} ${actionWords(line, targets)}`
    const why = purposes === null ? '' : ` ${purposeWords(purposes)}`
    return sentence(`${what}${why}${verb[1]}`)
  })
}

interface Line extends Pick<AccessChange, 'action' | 'subject'> {
  verb: readonly [string, string]
  whos: readonly string[]
  purposes: readonly (string | null)[] | null
  targets: readonly string[]
}

function verbOf({ change, wider, narrower }: Omit<AccessChange, 'target'>): Line['verb'] {
  if (change === 'gained') return ['may now', '']
  if (change === 'lost') return ['may no longer', '']
  if (!narrower) return ['may', ' in more cases than before']
  return ['may', wider ? ' in other cases than before' : ' in fewer cases than before']
}

function merged(
  lines: readonly Line[],
  part: 'targets' | 'purposes' | 'whos',
  keyOf: (line: Line) => unknown[],
): Line[] {
  return [...Map.groupBy(lines, (line) => JSON.stringify(keyOf(line))).values()].flatMap(
    (group) => {
      const [first] = group
      if (first === undefined || first[part] === null) return group.slice(0, 1)
      const all = [
        ...new Set(group.flatMap((line): readonly (string | null)[] => line[part] ?? [])),
      ]
      return [{ ...first, [part]: all }]
    },
  )
}
