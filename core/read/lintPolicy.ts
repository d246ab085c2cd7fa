import type { Problem } from '../model/problem.ts'
import { acceptPolicy, checkPolicyText, parsePolicyText } from '../../policies/check.ts'
import { policySchema } from '../../policies/schema.ts'

/** A document as it was looked at, or what is wrong with it. */
export type LintReport =
  | { readonly problems: readonly []; title: string; rules: number; hash: string }
  | { readonly problems: readonly Problem[] }

/** Checks the text of a policy document as keeping it would, but for what a workspace alone knows. */
export function lintPolicy(text: string): LintReport {
  const problems = checkPolicyText(text)
  if (problems.length > 0) return { problems }
  const { document, rules, hash } = acceptPolicy(parsePolicyText(text))
  return { problems: [], title: document.title, rules: rules.length, hash }
}

/** The document in a text. @throws policy_invalid with line and column, also for a key that stands twice */
export const readPolicyDocument = (text: string): unknown => parsePolicyText(text)

/** The JSON Schema of policy documents, for editors. */
export const policyJsonSchema = (): object => policySchema()
