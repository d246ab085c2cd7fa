import type { Problem } from '../core/model/problem.ts'
import { checkLimitNames, checkNames } from './catalogue.ts'
import type { PolicyCatalogue } from './catalogue.ts'
import { checkDead } from './dead.ts'
import { parsePolicy, readDocument } from './document.ts'
import type { Policy } from './document.ts'
import { invalidPolicy } from './problem.ts'
import { readPolicyText } from './text.ts'

export type { PolicyCatalogue } from './catalogue.ts'

/**
 * Everything that is wrong with a document, in the order of its rules; nothing when it may be kept. Beyond what
 * `parsePolicy` refuses: names that the catalogue does not know, comparisons that its types make pointless, and
 * rules that do nothing.
 *
 * @example checkPolicy(document, { purposes: ['service', 'marketing'], channels: ['email'] })
 */
export function checkPolicy(input: unknown, catalogue: PolicyCatalogue = {}): readonly Problem[] {
  const { rules, limits, sound, problems, report } = readDocument(input, catalogue.traits)
  checkNames(rules, catalogue, report)
  checkLimitNames(limits, catalogue, report)
  checkDead(sound, catalogue.traits ?? [], report)
  return problems.toSorted((left, right) => positionOf(left) - positionOf(right))
}

/** Likewise for the text of a document, as an author's editor holds it. */
export function checkPolicyText(text: string, catalogue: PolicyCatalogue = {}): readonly Problem[] {
  const { input, problems } = readPolicyText(text)
  return problems.length > 0 ? problems : checkPolicy(input, catalogue)
}

/**
 * The policy, once nothing at all is wrong with it: what every document passes before it is kept.
 *
 * @throws policy_invalid about the first problem; all are in `problems`
 */
export function acceptPolicy(input: unknown, catalogue: PolicyCatalogue = {}): Policy {
  const problems = checkPolicy(input, catalogue)
  if (problems.length > 0) throw invalidPolicy(problems)
  return parsePolicy(input, catalogue.traits)
}

/** The document in a text. @throws policy_invalid when it is no JSON, or none that is safe to read */
export function parsePolicyText(text: string): unknown {
  const { input, problems } = readPolicyText(text)
  if (problems.length > 0) throw invalidPolicy(problems)
  return input
}

/** Rules by number, then limits by number; what concerns the whole document comes first. */
function positionOf({ path }: Problem): number {
  const [, part, at = '0'] = /^(rules|limits)\.(\d+)/.exec(path) ?? []
  if (part === undefined) return -1
  return Number(at) + (part === 'rules' ? 0 : afterRules)
}

const afterRules = 1_000_000
