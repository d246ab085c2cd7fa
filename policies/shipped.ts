import activation from './default/activation.json' with { type: 'json' }
import administration from './default/administration.json' with { type: 'json' }
import agent from './default/agent.json' with { type: 'json' }
import profile from './default/profile.json' with { type: 'json' }
import { parsePolicy } from './document.ts'
import type { Policy } from './document.ts'
import type { PurposeDefinition } from './guard.ts'

/** The policy a new workspace starts with: the documents of policies/default as one. */
export function shippedPolicy(): Policy {
  const parts = [profile, agent, activation, administration]
  return parsePolicy({
    title: 'Shipped policies',
    description: parts.map(({ title }) => title).join('. '),
    rules: parts.flatMap((part): unknown[] => part.rules),
  })
}

/** The purposes a new workspace starts with; `description` is for people. */
export const shippedPurposes: readonly (PurposeDefinition & { readonly description: string })[] = [
  {
    key: 'service',
    description: 'To do what the customer asked for: orders, accounts, support.',
    bases: ['contract'],
    needsGrant: false,
  },
  {
    key: 'security',
    description: 'To keep accounts safe and to tell of a breach.',
    bases: ['legitimate_interest', 'legal_obligation'],
    needsGrant: false,
  },
  {
    key: 'analytics',
    description: 'To learn how the product is used.',
    bases: ['consent'],
    needsGrant: true,
  },
  {
    key: 'personalization',
    description: 'To show each customer what suits them.',
    bases: ['consent'],
    needsGrant: true,
  },
  {
    key: 'marketing',
    description: 'To advertise to customers.',
    bases: ['consent'],
    needsGrant: true,
  },
  {
    key: 'marketing.promotion',
    description: 'To send offers.',
    bases: ['consent'],
    needsGrant: true,
  },
  {
    key: 'marketing.newsletter',
    description: 'To send news.',
    bases: ['consent'],
    needsGrant: true,
  },
  {
    key: 'marketing.ads',
    description: 'To share with advertising networks.',
    bases: ['consent'],
    needsGrant: true,
  },
]
