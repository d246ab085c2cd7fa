import type { PurposeDefinition } from './guard.ts'

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
