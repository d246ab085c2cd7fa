import { acceptPolicy } from '../../policies/check.ts'

/**
 * Checks a policy document as keeping it would, but for what a workspace alone knows. @throws policy_invalid
 * about the first problem; all are in `problems`
 */
export function lintPolicy(document: unknown): { title: string; rules: number; hash: string } {
  const policy = acceptPolicy(document)
  return { title: policy.document.title, rules: policy.rules.length, hash: policy.hash }
}
