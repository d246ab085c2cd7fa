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

/** Transactions under way at once; with more they are smaller, and wait for each other's profiles. */
const lanes = 2
/** So that one transaction holds its profiles no longer than some milliseconds. */
const reactionsMax = 200

interface Waiting {
  part: Part
  resolve(committed: Committed): void
  reject(thrown: unknown): void
}

export class Committer {
  readonly #by: Committing
  #waiting: Waiting[] = []
  #underWay = 0

  constructor(by: Committing) {
    this.#by = by
  }

  commit(part: Part): Promise<Committed> {
    const { promise, resolve, reject } = Promise.withResolvers<Committed>()
    this.#waiting.push({ part, resolve, reject })
    this.#begin()
    return promise
  }

  #begin(): void {
    if (this.#underWay >= lanes || this.#waiting.length === 0) return
    this.#underWay += 1
    void this.#run(this.#take()).finally(() => {
      this.#underWay -= 1
      this.#begin()
    })
  }

  /** What goes with the one that waits longest. */
  #take(): Waiting[] {
    const workspaceId = this.#waiting[0]?.part.agent.workspaceId
    const taken: Waiting[] = []
    const left: Waiting[] = []
    let count = 0
    for (const each of this.#waiting) {
      const { agent, ended } = each.part
      const fits = taken.length === 0 || count + ended.length <= reactionsMax
      if (agent.workspaceId === workspaceId && fits) {
        taken.push(each)
        count += ended.length
      } else left.push(each)
    }
    this.#waiting = left
    return taken
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
