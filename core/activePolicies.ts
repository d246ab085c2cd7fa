import { findPolicyDocument } from '../blackboard/query/findPolicyDocument.ts'
import { findPolicyForce } from '../blackboard/query/findPolicyForce.ts'
import { createAbilities, type Ability } from '../policies/ability.ts'
import { parsePolicy, type Policy } from '../policies/document.ts'
import type { Who } from '../policies/vocabulary.ts'
import type { Board } from './board.ts'
import { fail } from './errors.ts'
import { remember } from './fresh.ts'

// What bounds the time that a retired policy still counts on a node that heard no signal of the new one.
const maxAgeMs = 250
const workspacesMax = 10_000

export interface NumberedPolicy {
  number: number
  policy: Policy
}

export interface ActivePolicy extends NumberedPolicy {
  /** Until when, for a version in force without its approvals. */
  until?: Date
  /** Asked beside it by the gate, and never heeded. */
  shadow?: NumberedPolicy
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
  const { clock } = board
  const last = new Map<number, ActivePolicy>()
  const current = remember(
    clock,
    { maxAgeMs, max: workspacesMax },
    async (workspaceId: number): Promise<ActivePolicy> => {
      const active = await readForce(board, workspaceId, last.get(workspaceId), onError)
      last.set(workspaceId, active)
      return active
    },
  )
  board.signals.on('policy', () => current.forget())
  return {
    async of(workspaceId) {
      const active = await current.get(workspaceId)
      if (active.until === undefined || active.until > clock.now()) return active
      // Ran out since it was read: the one before counts, whether or not a step has put it back yet.
      current.forget()
      return current.get(workspaceId)
    },
    ability: createAbilities(onError, clock),
    failed: onError,
  }
}

/** Asks which versions count, and reads a document only when it is another than before. */
async function readForce(
  { db, clock }: Board,
  workspaceId: number,
  before: ActivePolicy | undefined,
  onError: (where: string, thrown: unknown) => void,
): Promise<ActivePolicy> {
  const [force] = await findPolicyForce(db.sql, { workspaceId, at: clock.now().toISOString() })
  if (!force) throw fail('no_active_policy', { workspace: workspaceId })
  const { number, until, shadow } = force
  if (
    before?.number === number &&
    before.until?.getTime() === until?.getTime() &&
    (before.shadow?.number ?? null) === shadow
  ) {
    return before
  }
  const known = [before, before?.shadow].flatMap((each) => each ?? [])
  const read = async (wanted: number): Promise<NumberedPolicy> => {
    const same = known.find((each) => each.number === wanted)
    if (same) return { number: wanted, policy: same.policy }
    const [row] = await findPolicyDocument(db.sql, { workspaceId, number: wanted })
    return { number: wanted, policy: parsePolicy(row?.document) }
  }
  const readShadow = async (wanted: number): Promise<{ shadow?: NumberedPolicy }> => {
    try {
      return { shadow: await read(wanted) }
    } catch (thrown) {
      // What nobody heeds may not stop anything either.
      onError('shadow', thrown)
      return {}
    }
  }
  return {
    ...(await read(number)),
    ...(until === null ? {} : { until }),
    ...(shadow === null ? {} : await readShadow(shadow)),
  }
}
