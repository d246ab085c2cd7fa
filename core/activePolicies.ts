import { findActivePolicy } from '../blackboard/query/findActivePolicy.ts'
import { createAbilities, type Ability } from '../policies/ability.ts'
import { parsePolicy, type Policy } from '../policies/document.ts'
import type { Who } from '../policies/vocabulary.ts'
import type { Board } from './board.ts'
import { fail } from './errors.ts'
import { remember } from './fresh.ts'

// What bounds the time that a retired policy still counts on a node that did not activate the new one.
const maxAgeMs = 250
const workspacesMax = 10_000

export interface ActivePolicy {
  number: number
  policy: Policy
}

/** The policy in force, per workspace, and the abilities compiled from it. */
export interface ActivePolicies {
  /** Throws `no_active_policy`: without one everything is denied. */
  of(workspaceId: number): Promise<ActivePolicy>
  ability(policy: Policy, who: Who, purposes: readonly string[]): Ability
  /** To be told of each check that failed to evaluate, as a rule's failure is: counted and logged. */
  failed(where: string, thrown: unknown): void
}

/** @param onError is told of each rule that failed to evaluate; the answer was a refusal. */
export function createActivePolicies(
  board: Board,
  onError: (where: string, thrown: unknown) => void,
): ActivePolicies {
  const parsed = new Map<number, ActivePolicy>()
  const current = remember(
    board.clock,
    { maxAgeMs, max: workspacesMax },
    async (workspaceId: number): Promise<ActivePolicy> => {
      const [row] = await findActivePolicy(board.db.sql, { workspaceId })
      if (!row) throw fail('no_active_policy', { workspace: workspaceId })
      const known = parsed.get(workspaceId)
      if (known && known.number === row.number) return known
      const active = { number: row.number, policy: parsePolicy(row.document) }
      parsed.set(workspaceId, active)
      return active
    },
  )
  board.signals.on('policy', () => current.forget())
  return {
    of: (workspaceId) => current.get(workspaceId),
    ability: createAbilities(onError),
    failed: onError,
  }
}
