import type { PolicyRule } from '../core/model/policy.ts'
import { SlateboardError } from '../core/errors.ts'
import { parsePolicy } from './document.ts'
import type { Policy } from './document.ts'

/** One rule or limit taken out, by its id, or one rule put in. */
export type Amendment =
  | { readonly without: string }
  | { readonly withoutLimit: string }
  | { readonly plus: PolicyRule }

/**
 * The policy as it would be with one rule more, or one rule or limit less, for asking what would follow. Undefined where that would
 * be no policy, as when its only rule is taken out. Its tests are left behind: they are about the whole.
 */
export function amendPolicy({ document }: Policy, amendment: Amendment): Policy | undefined {
  const { tests: _, rules: before, limits: bounds = [], ...rest } = document
  const limits =
    'withoutLimit' in amendment ? bounds.filter(({ id }) => id !== amendment.withoutLimit) : bounds
  const rules = rulesAfter(before, amendment)
  try {
    return parsePolicy({ ...rest, rules, ...(limits.length === 0 ? {} : { limits }) })
  } catch (thrown) {
    if (thrown instanceof SlateboardError && thrown.code === 'policy_invalid') return undefined
    throw thrown
  }
}

function rulesAfter(rules: readonly PolicyRule[], amendment: Amendment): readonly PolicyRule[] {
  if ('plus' in amendment) return [...rules, amendment.plus]
  return 'without' in amendment ? rules.filter(({ id }) => id !== amendment.without) : rules
}
