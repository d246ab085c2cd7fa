import type { PolicyRule } from '../core/model/policy.ts'
import { SlateboardError } from '../core/errors.ts'
import { parsePolicy } from './document.ts'
import type { Policy } from './document.ts'

/** One rule taken out, by its id, or one put in. */
export type Amendment = { readonly without: string } | { readonly plus: PolicyRule }

/**
 * The policy as it would be with one rule more or less, for asking what would follow. Undefined where that would
 * be no policy, as when its only rule is taken out. Its tests are left behind: they are about the whole.
 */
export function amendPolicy({ document }: Policy, amendment: Amendment): Policy | undefined {
  const { tests: _, rules: before, ...rest } = document
  const rules =
    'without' in amendment
      ? before.filter(({ id }) => id !== amendment.without)
      : [...before, amendment.plus]
  try {
    return parsePolicy({ ...rest, rules })
  } catch (thrown) {
    if (thrown instanceof SlateboardError && thrown.code === 'policy_invalid') return undefined
    throw thrown
  }
}
