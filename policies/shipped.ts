import activation from './default/activation.json' with { type: 'json' }
import administration from './default/administration.json' with { type: 'json' }
import agent from './default/agent.json' with { type: 'json' }
import limit from './default/limit.json' with { type: 'json' }
import profile from './default/profile.json' with { type: 'json' }
import { parsePolicy } from './document.ts'
import type { Policy } from './document.ts'
import { shippedTests } from './shippedTests.ts'

export { shippedPurposes } from './shippedPurposes.ts'

/** The policy a new workspace starts with: the documents of policies/default as one, and their tests. */
export function shippedPolicy(): Policy {
  const parts = [profile, agent, activation, administration]
  return parsePolicy({
    title: 'Shipped policies',
    description: [...parts, limit].map(({ title }) => title).join('. '),
    rules: parts.flatMap((part): unknown[] => part.rules),
    limits: limit.limits,
    tests: shippedTests,
  })
}
