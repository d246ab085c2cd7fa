/**
 * How long a change of the rules takes until it is the only one: from when a policy, a plugin's version or what is set for
 * it came into force until nothing is left that waited or ran before. It is asked of the blackboard, so all nodes count.
 *
 * A person's consent has no such time: it moves their legal state in its own commit, and what was begun before that does
 * not commit or leave.
 */
import { findUnaligned } from '../../blackboard/query/findUnaligned.ts'
import { listRuleChanges, type RuleChange } from '../../blackboard/query/listRuleChanges.ts'
import type { Board } from '../board.ts'

/** What takes longer is told of as that: likely something of before can never run. */
const givenUpMs = 300_000

export interface Realignment {
  /** Tells of the changes that are through. Returns how many are not. */
  look(): Promise<number>
}

/** From now on; what came into force before is nobody's to time. */
export function createRealignment({ db, clock, signals }: Board): Realignment {
  const startedAt = clock.now()
  const told = new Map<string, RuleChange>()
  return {
    async look() {
      const now = clock.now()
      const since = new Date(Math.max(startedAt.getTime(), now.getTime() - 2 * givenUpMs))
      const changes = await listRuleChanges(db.sql, { since: since.toISOString() })
      for (const [key, { at }] of told) if (at <= since) told.delete(key)
      const open = changes.filter((change) => !told.has(keyOf(change)))
      for (const change of open) {
        const waitedMs = clock.now().getTime() - change.at.getTime()
        if (waitedMs < givenUpMs && (await isLeft(change))) continue
        told.set(keyOf(change), change)
        signals.count({ what: 'realigned', change: change.what, seconds: waitedMs / 1000 })
      }
      return open.filter((change) => !told.has(keyOf(change))).length
    },
  }

  async function isLeft({ workspaceId, plugin, policy, at }: RuleChange): Promise<boolean> {
    const now = clock.now().toISOString()
    const asked = { workspaceId, plugin, policy, at: at.toISOString(), now }
    const [row] = await findUnaligned(db.sql, asked)
    return row?.isLeft ?? false
  }
}

const keyOf = ({ workspaceId, what, plugin, at }: RuleChange): string =>
  `${workspaceId} ${what} ${plugin ?? ''} ${at.getTime()}`
