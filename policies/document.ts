import { createHash } from 'node:crypto'
import type { PolicyDocument } from '../core/model/policy.ts'
import type { Role } from '../core/model/principal.ts'
import type { Problem } from '../core/model/problem.ts'
import type { TraitDefinition } from '../core/model/trait.ts'
import { isVaulted } from '../core/model/trait.ts'
import { checkBounds } from './bounds.ts'
import { collectProblems, invalidPolicy } from './problem.ts'
import type { Report } from './problem.ts'
import { checkRule } from './rule.ts'
import type { CheckedRule } from './rule.ts'
import { readShape } from './shape.ts'
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
  const { policy, problems } = readPolicy(input, traits)
  if (policy === undefined) throw invalidPolicy(problems)
  return policy
}

export type PolicyReading =
  | { readonly policy: Policy; readonly problems: readonly [] }
  | { readonly policy: undefined; readonly problems: readonly Problem[] }

/** The policy, or everything that keeps the document from being one. */
export function readPolicy(input: unknown, traits: readonly TraitDefinition[] = []): PolicyReading {
  const unbounded = checkBounds(input)
  if (unbounded.length > 0) return { policy: undefined, problems: unbounded }
  const { problems, report } = collectProblems()
  const shape = readShape(input, report)
  if (shape === undefined) return { policy: undefined, problems }
  const { $schema: _, ...document } = shape
  checkIds(document, report)
  const rules = document.rules.map((rule, at) => checkRule(rule, `rules.${at}`, report))
  checkVaulted(document, traits, report)
  if (problems.length > 0) return { policy: undefined, problems }
  return {
    policy: createPolicy(
      document,
      rules.flatMap((rule) => rule ?? []),
    ),
    problems: [],
  }
}

const createPolicy = (document: PolicyDocument, rules: readonly CheckedRule[]): Policy => ({
  document,
  hash: hashOf(document),
  rules,
  personalRoles: new Set(rules.flatMap(({ personal, roles = [] }) => (personal ? roles : []))),
  boundaries: boundariesOf(rules),
})

function checkIds({ rules }: PolicyDocument, report: Report): void {
  const seen = new Set<string>()
  for (const [at, { id }] of rules.entries()) {
    if (seen.has(id)) {
      report(`rules.${at}.id`, id, 'another rule has this id', 'Rename one of them.')
    }
    seen.add(id)
  }
}

function checkVaulted(
  { rules }: PolicyDocument,
  traits: readonly TraitDefinition[],
  report: Report,
): void {
  const vaulted = new Set(traits.filter((each) => isVaulted(each.dataClass)).map(({ key }) => key))
  for (const [at, { when = {} }] of rules.entries()) {
    for (const field of Object.keys(when)) {
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
