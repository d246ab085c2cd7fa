import { ensurePartitions } from '../blackboard/query/ensurePartitions.ts'
import { ensurePolicy } from '../blackboard/query/ensurePolicy.ts'
import { ensurePurposes } from '../blackboard/query/ensurePurposes.ts'
import { ensureWorkspace } from '../blackboard/query/ensureWorkspace.ts'
import { shippedPolicy } from '../policies/shipped.ts'
import type { Board } from './board.ts'
import { fail } from './errors.ts'
import type { LawfulBasis } from './model/consent.ts'

interface ShippedPurpose {
  key: string
  description: string
  bases: LawfulBasis[]
  /** May not be pursued without a consent grant. */
  needsGrant: boolean
}

/** What a workspace starts with; each covers its children. */
const purposes: readonly ShippedPurpose[] = [
  {
    key: 'service',
    description: 'Giving the customer what they asked for.',
    bases: ['contract', 'consent', 'legal_obligation', 'legitimate_interest'],
    needsGrant: false,
  },
  {
    key: 'security',
    description: 'Keeping accounts and systems safe.',
    bases: ['legal_obligation', 'legitimate_interest', 'contract'],
    needsGrant: false,
  },
  {
    key: 'analytics',
    description: 'Understanding how customers use what is offered.',
    bases: ['consent'],
    needsGrant: true,
  },
  {
    key: 'personalization',
    description: 'Fitting what is offered to the customer.',
    bases: ['consent'],
    needsGrant: true,
  },
  {
    key: 'marketing',
    description: 'Promotions, newsletters and advertising.',
    bases: ['consent'],
    needsGrant: true,
  },
]

/** Makes sure that the workspace exists with purposes and a policy, and that this month has its partitions. */
export async function seedWorkspace({ db, clock }: Board, name: string): Promise<number> {
  const [workspace] = await ensureWorkspace(db.sql, { name })
  if (!workspace) throw fail('internal')
  const { document, hash } = shippedPolicy()
  await ensurePurposes(db.sql, { workspaceId: workspace.id, purposes: JSON.stringify(purposes) })
  await ensurePolicy(db.sql, {
    workspaceId: workspace.id,
    title: document.title,
    document: JSON.stringify(document),
    hash,
    reason: 'shipped with Slateboard',
    at: clock.now().toISOString(),
  })
  await ensurePartitions(db.sql, clock.now())
  return workspace.id
}
