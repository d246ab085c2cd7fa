import { createHash } from 'node:crypto'
import type { PolicyDocument, PolicyRule } from '../core/model/policy.ts'
import type { PolicyLimit } from '../core/model/policyLimit.ts'
import type { Role } from '../core/model/principal.ts'
import type { Problem } from '../core/model/problem.ts'
import type { TraitDefinition } from '../core/model/trait.ts'
import { isVaulted } from '../core/model/trait.ts'
import { checkLimits } from './checkLimits.ts'
import { checkBounds } from './bounds.ts'
import { collectProblems, invalidPolicy } from './problem.ts'
import type { Report } from './problem.ts'
import { checkRule } from './rule.ts'
import type { CheckedRule } from './rule.ts'
import { readShape, rulesInShape } from './shape.ts'
import type { DocumentShape } from './shape.ts'
import { boundariesOf } from './window.ts'

export type { CheckedRule } from './rule.ts'

export interface Policy {
  readonly document: PolicyDocument
  /** SHA-256 of the canonical document, in hex: the identity of a policy version's content. */
  readonly hash: string
  readonly rules: readonly CheckedRule[]
  /** Roles with a rule that depends on which principal asks. */
  readonly personalRoles: ReadonlySet<Role>
  /** The instants, in ms, at which a rule begins or ceases to count; ascending. */
  readonly boundaries: readonly number[]
}

/**
 * Checks that a document says something definite; there is no other way to a `Policy`, so nothing unchecked
 * is ever evaluated. With trait definitions given, a condition on a trait that is only in the vault is refused
 * too: it would never be found there. `checkPolicy` looks further, for what an author should be told.
 *
 * @throws policy_invalid about the first problem, with its path, the value there and the remedy; all are in
 *   `problems`
 */
export function parsePolicy(input: unknown, traits: readonly TraitDefinition[] = []): Policy {
  const { document, sound, problems } = readDocument(input, traits)
  if (document === undefined || problems.length > 0) throw invalidPolicy(problems)
  return createPolicy(
    document,
    sound.flatMap((rule) => rule ?? []),
  )
}

interface DocumentReading {
  /** Undefined when some part is not of the right shape. */
  readonly document: PolicyDocument | undefined
  /** By position: those of the right shape, and of these the ones that mean something by themselves. */
  readonly rules: readonly (PolicyRule | undefined)[]
  readonly sound: readonly (CheckedRule | undefined)[]
  /** Empty when some part of the document is not of the right shape. */
  readonly limits: readonly PolicyLimit[]
  readonly problems: readonly Problem[]
  /** Adds to the problems. */
  readonly report: Report
}

/** Reads as much of a document as can be read, and reports everything that keeps it from being a policy. */
export function readDocument(
  input: unknown,
  traits: readonly TraitDefinition[] = [],
): DocumentReading {
  const { problems, report } = collectProblems()
  problems.push(...checkBounds(input))
  if (problems.length > 0) return noDocument(problems, report)
  const shape = readShape(input, report)
  const rules = shape?.rules ?? rulesInShape(input)
  checkIds(rules, report)
  const sound = rules.map((rule, at) => rule && checkRule(rule, `rules.${at}`, report))
  checkVaulted(rules, traits, report)
  const limits = shape?.limits ?? []
  checkLimits({ limits }, traits, report)
  return { document: shape && withoutSchema(shape), rules, limits, sound, problems, report }
}

const noDocument = (problems: readonly Problem[], report: Report): DocumentReading => ({
  document: undefined,
  rules: [],
  limits: [],
  sound: [],
  problems,
  report,
})

function withoutSchema(shape: DocumentShape): PolicyDocument {
  const { $schema, ...document } = shape
  return $schema === undefined ? shape : document
}

const createPolicy = (document: PolicyDocument, rules: readonly CheckedRule[]): Policy => ({
  document,
  hash: hashOf(document),
  rules,
  personalRoles: new Set(rules.flatMap(({ personal, roles = [] }) => (personal ? roles : []))),
  boundaries: boundariesOf(rules),
})

function checkIds(rules: readonly (PolicyRule | undefined)[], report: Report): void {
  const seen = new Set<string>()
  for (const [at, rule] of rules.entries()) {
    if (rule === undefined) continue
    const { id } = rule
    if (seen.has(id)) {
      report(`rules.${at}.id`, id, 'another rule has this id', 'Rename one of them.')
    }
    seen.add(id)
  }
}

function checkVaulted(
  rules: readonly (PolicyRule | undefined)[],
  traits: readonly TraitDefinition[],
  report: Report,
): void {
  const vaulted = new Set(traits.filter((each) => isVaulted(each.dataClass)).map(({ key }) => key))
  for (const [at, rule] of rules.entries()) {
    for (const field of Object.keys(rule?.when ?? {})) {
      const [root, key = ''] = field.split('.')
      if (root !== 'traits' || !vaulted.has(key)) continue
      const remedy = 'Let an agent derive a trait of class none from it, and ask for that.'
      report(`rules.${at}.when.${field}`, field, 'its values are sealed in the vault', remedy)
    }
  }
}

const hashOf = (document: PolicyDocument): string =>
  createHash('sha256').update(canonical(document)).digest('hex')

/** Keys sorted, so that two documents that say the same in another order of keys are the same version. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : 1)),
        )
      : part,
  )
}
