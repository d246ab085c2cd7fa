/** Whose turn it is: what a worker remembers between its claims of whom it served, and how far it came. */
import type { ClaimedRow, Floor, Seat } from '../../../blackboard/query/claimReactions.ts'
import type { RunnableAgent } from './reaction.ts'

/** Before everything. */
const head: Floor = { rank: -32_768, deadline: '-infinity', rating: 1, position: 0 }

export class Shell {
  readonly #served = new Map<string, number>()
  readonly #workspaces = new Map<number, number>()
  readonly #floors = new Map<string, Floor>()

  /** From here on claims start at the head again, for what is urgent or was given back. */
  rewind(): void {
    this.#floors.clear()
  }

  /** Whether a claim that finds nothing has looked everywhere. */
  isAtHead(): boolean {
    return this.#floors.size === 0
  }

  /**
   * @param roomOf how many reactions of an agent may begin now; who has none gets no seat
   * @param weightOf points of priority that an agent has more than by itself
   */
  seats(
    agents: readonly RunnableAgent[],
    roomOf: (name: string) => number,
    weightOf: (agent: RunnableAgent) => number = () => 0,
  ): Seat[] {
    const names = new Map(agents.map((agent) => [nameOf(agent), agent]))
    return [...names].flatMap(([key, agent]) => {
      const { workspaceId, name } = agent
      const room = roomOf(key)
      if (room <= 0) return []
      return [this.#seatOf(key, { workspaceId, agent: name, weight: weightOf(agent), room })]
    })
  }

  #seatOf(key: string, given: Pick<Seat, 'workspaceId' | 'agent' | 'weight' | 'room'>): Seat {
    return {
      ...given,
      servedAt: this.#served.get(key) ?? 0,
      workspaceServedAt: this.#workspaces.get(given.workspaceId) ?? 0,
      ...(this.#floors.get(key) ?? head),
    }
  }

  /** @param items reactions that a claim takes in all: an equal share of each agent, where it has so many and room */
  served(
    seats: readonly Seat[],
    rows: readonly ClaimedRow[],
    { items, now }: { items: number; now: number },
  ): void {
    const rooms = new Map(seats.map((seat) => [`${seat.workspaceId} ${seat.agent}`, seat.room]))
    const groups = Map.groupBy(rows, ({ workspaceId, agent }) => `${workspaceId} ${agent}`)
    const share = Math.max(1, Math.floor(items / groups.size))
    for (const [key, group] of groups) {
      const [first] = group
      this.#served.set(key, now)
      if (first) this.#workspaces.set(first.workspaceId, now)
      if (group.length < Math.min(share, rooms.get(key) ?? share)) this.#floors.delete(key)
      else this.#floors.set(key, furthest(group))
    }
  }
}

export const nameOf = ({ workspaceId, name }: Pick<RunnableAgent, 'workspaceId' | 'name'>) =>
  `${workspaceId} ${name}`

/** A claim gives its rows in no order; positions alone tell those of one urgency apart. */
function furthest(rows: readonly ClaimedRow[]): Floor {
  return rows.reduce<Floor>((far, row) => (isBeyond(row, far) ? row : far), head)
}

function isBeyond(row: Floor, far: Floor): boolean {
  if (row.rank !== far.rank) return row.rank > far.rank
  if (row.deadline !== far.deadline) return timeOf(row.deadline) > timeOf(far.deadline)
  if (row.rating !== far.rating) return row.rating < far.rating
  return row.position > far.position
}

const timeOf = (deadline: string): number => {
  if (deadline === 'infinity') return Number.POSITIVE_INFINITY
  return deadline === '-infinity' ? Number.NEGATIVE_INFINITY : Date.parse(deadline)
}
