/**
 * Commits what agents ended with, several agents' reactions in one transaction where they wait at the same time. One of
 * each agent's own would hold its profiles over a flush of the log each, and all who were woken by the same change wait
 * there for the same profile: with 118 agents that was two thirds of the database's time.
 */
import { refusesData } from '../../../blackboard/failure.ts'
import { transact } from '../../../blackboard/transact.ts'
import type { Board } from '../../board.ts'
import { commitReactions, type By, type Committed, type Part } from './commit.ts'
import { failure } from './ending.ts'

export interface Committing {
  board: Board
  /** The worker that holds the leases. */
  owner: string
}

/** So that one transaction holds its profiles no longer than some milliseconds. */
const reactionsMax = 200

interface Waiting {
  part: Part
  resolve(committed: Committed): void
  reject(thrown: unknown): void
}

/**
 * One transaction of a workspace is under way at a time, and what ends meanwhile goes with the next. Two and three beside
 * each other, of profiles that have nothing in common, brought no more with 2 and with 118 agents.
 */
export class Committer {
  readonly #by: Committing
  readonly #lanes = new Map<number, Waiting[]>()

  constructor(by: Committing) {
    this.#by = by
  }

  commit(part: Part): Promise<Committed> {
    const { promise, resolve, reject } = Promise.withResolvers<Committed>()
    const { workspaceId } = part.agent
    const lane = this.#lanes.get(workspaceId)
    if (lane) lane.push({ part, resolve, reject })
    else {
      this.#lanes.set(workspaceId, [{ part, resolve, reject }])
      void this.#drain(workspaceId)
    }
    return promise
  }

  async #drain(workspaceId: number): Promise<void> {
    for (;;) {
      const waiting = this.#lanes.get(workspaceId) ?? []
      if (waiting.length === 0) break
      const taken = first(waiting)
      this.#lanes.set(workspaceId, waiting.slice(taken.length))
      await this.#run(taken)
    }
    this.#lanes.delete(workspaceId)
  }

  async #run(taken: readonly Waiting[]): Promise<void> {
    try {
      const committed = await commitParts(
        this.#by,
        taken.map(({ part }) => part),
      )
      for (const [at, { resolve }] of taken.entries()) {
        const own = committed[at]
        if (own) resolve(own)
      }
    } catch (thrown) {
      for (const { reject } of taken) reject(thrown)
    }
  }
}

/** Those that wait longest, one at least. */
function first(waiting: readonly Waiting[]): readonly Waiting[] {
  let count = 0
  const end = waiting.findIndex(({ part }, at) => {
    count += part.ended.length
    return at > 0 && count > reactionsMax
  })
  return end === -1 ? waiting : waiting.slice(0, end)
}

/**
 * Commits all together. When the database refuses a value that one of them wrote, the halves commit apart,
 * and so on down to the guilty one, which then counts as failed.
 */
async function commitParts(by: Committing, parts: readonly Part[]): Promise<Committed[]> {
  const [first] = parts
  if (!first) return []
  try {
    return await commitTogether(by, first.agent.workspaceId, parts)
  } catch (thrown) {
    if (!refusesData(thrown)) throw thrown
    if (parts.length === 1) return [await commitHalves(by, first, thrown)]
    const half = parts.length >> 1
    return [
      ...(await commitParts(by, parts.slice(0, half))),
      ...(await commitParts(by, parts.slice(half))),
    ]
  }
}

/** What the database refuses of a part that has it to itself. */
async function commitHalves(by: Committing, part: Part, thrown: unknown): Promise<Committed> {
  const [first] = part.ended
  if (!first) throw thrown
  if (part.ended.length === 1) {
    const now = by.board.clock.now()
    const ending = failure(part.agent, first, 'plugin_result_invalid', false, now)
    return commitOne(by, { ...part, ended: [{ ...first, ending }] })
  }
  const half = part.ended.length >> 1
  const parts = [part.ended.slice(0, half), part.ended.slice(half)] as const
  const [one] = await commitParts(by, [{ ...part, ended: parts[0] }])
  const [other] = await commitParts(by, [{ ...part, ended: parts[1] }])
  if (!one || !other) throw thrown
  return {
    committed: one.committed + other.committed,
    stale: one.stale + other.stale,
    lost: one.lost + other.lost,
    outdated: one.outdated || other.outdated,
    woke: one.woke || other.woke,
    proposed: one.proposed || other.proposed,
    full: one.full ?? other.full,
    changed: [...one.changed, ...other.changed],
  }
}

const commitTogether = (
  { board, owner }: Committing,
  workspaceId: number,
  parts: readonly Part[],
): Promise<Committed[]> => {
  const by: By = { board, owner, workspaceId }
  return transact(board.db, (tx) => commitReactions(tx, by, parts))
}

async function commitOne(by: Committing, part: Part): Promise<Committed> {
  const [committed] = await commitTogether(by, part.agent.workspaceId, [part])
  if (!committed) throw new TypeError('a part was committed and nothing is told of it')
  return committed
}
