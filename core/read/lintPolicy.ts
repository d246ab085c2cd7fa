import { parsePolicy } from '../../policies/document.ts'

/** Checks a policy document as saving it would. @throws policy_invalid with path, value and remedy */
export function lintPolicy(document: unknown): { title: string; rules: number; hash: string } {
  const policy = parsePolicy(document)
  return { title: policy.document.title, rules: policy.rules.length, hash: policy.hash }
}
