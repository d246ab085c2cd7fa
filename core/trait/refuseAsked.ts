import { findPolicyDocument } from '../../blackboard/query/findPolicyDocument.ts'
import { findPolicyForce } from '../../blackboard/query/findPolicyForce.ts'
import { parsePolicy } from '../../policies/document.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { fieldsOf, type Condition } from '../model/condition.ts'
import { isVaulted, type DataClass } from '../model/trait.ts'

/**
 * Refuses to seal what the policy in force asks for. The condition of a rule finds nothing in the vault, so a
 * forbid that asks for the trait would no longer match, and let through what it is there to stop. Not to be
 * called inside a transaction: it reads on a connection of its own.
 *
 * @throws trait_in_policy naming the rules
 */
export async function refuseAsked(
  { db, clock }: Pick<Board, 'db' | 'clock'>,
  workspaceId: number,
  traits: readonly { key: string; dataClass: DataClass }[],
): Promise<void> {
  const vaulted = traits.filter(({ dataClass }) => isVaulted(dataClass))
  if (vaulted.length === 0) return
  const [force] = await findPolicyForce(db.sql, { workspaceId, at: clock.now().toISOString() })
  // In an emergency another version comes back by itself when the one in force runs out.
  const numbers = force ? [...new Set([force.number, force.base])] : []
  const documents = await Promise.all(
    numbers.map((number) => findPolicyDocument(db.sql, { workspaceId, number })),
  )
  const policies = documents.flat().map(({ document }) => parsePolicy(document))
  const rules = policies.flatMap((policy) => policy.rules)
  const limits = policies.flatMap(({ document }) => document.limits ?? [])
  for (const { key, dataClass } of vaulted) {
    const asking = rules.filter(({ condition }) => condition !== undefined && asks(condition, key))
    // Hours that go by a person's own time zone would go by another, without a word.
    const timed = limits.filter(({ quietHours }) => quietHours?.timezoneTrait === key)
    if (asking.length + timed.length === 0) continue
    const ids = [...new Set([...asking, ...timed].map(({ id }) => id))].join(', ')
    throw fail('trait_in_policy', { key, class: dataClass, rules: ids })
  }
}

const asks = (condition: Condition, key: string): boolean =>
  fieldsOf(condition).some(
    (field) => field === `traits.${key}` || field.startsWith(`traits.${key}.`),
  )
