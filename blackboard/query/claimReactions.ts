import { sql } from 'drizzle-orm/sql/sql'
import { columnsOf } from '../columns.ts'
import { acrossWorkspaces, type Handle } from '../statement.ts'

export interface ClaimedRow {
  workspaceId: number
  profileId: string
  agent: string
  rank: number
  /** As text, since it may be `infinity`. */
  deadline: string
  rating: number
  position: number
  epoch: number
  causes: string[]
  hop: number
  trail: string
  attempts: number
  /** All that its agent waits for has come. */
  isWhole: boolean
}

/** Where a claim of an agent's reactions goes on. */
export type Floor = Pick<ClaimedRow, 'rank' | 'deadline' | 'rating' | 'position'>

/** An agent that may be claimed for. */
export interface Seat extends Floor {
  workspaceId: number
  agent: string
  /** When it was last claimed for, in milliseconds since 1970; 0 for never. */
  servedAt: number
  /** When any agent of its workspace was. */
  workspaceServedAt: number
  /** Points of priority that its reactions have more than by themselves. */
  weight: number
  /** Reactions of it that are claimed at most. */
  room: number
}

const columns = [
  'workspaceId',
  'agent',
  'servedAt',
  'workspaceServedAt',
  'weight',
  'room',
  'rank',
  'deadline',
  'rating',
  'position',
] as const

type Columns = { [K in (typeof columns)[number]]: Seat[K][] }

interface Bounds {
  /** Agents that are claimed for, at most. */
  places: number
  /** Reactions in all; each of the agents has an equal share of them. */
  items: number
  /** An agent that waits this long is taken for one point of priority more urgent, in milliseconds. */
  ageingMs: number
  now: string
  owner: string
}

/**
 * Of each agent's own reactions the most urgent come first, beyond its floor: an index keeps the entries of finished
 * rows until vacuum, and starting at its head every time would walk all of them. Which agents get a place goes by the
 * priority of their first reaction and by their weight, raised by how long it and they have waited, then by its deadline, then by whose
 * turn it is: that of the workspace, then of the agent, which was served longest ago.
 */
const claim = acrossWorkspaces<Columns & Bounds, ClaimedRow>(
  (arg) => sql`
    with seat as (
      select * from unnest(${arg.workspaceId}::int[], ${arg.agent}::text[], ${arg.servedAt}::float8[],
        ${arg.workspaceServedAt}::float8[], ${arg.weight}::smallint[], ${arg.room}::int[], ${arg.rank}::smallint[], ${arg.deadline}::timestamptz[],
        ${arg.rating}::real[], ${arg.position}::bigint[])
        as s (workspace_id, agent, served, workspace_served, weight, room, rank, deadline, rating, position)
    ), waiting as materialized (
      select seat.*, head.deadline as due, head.rank - seat.weight - floor(greatest(0,
        extract(epoch from ${arg.now}::timestamptz) * 1000
          - greatest(extract(epoch from head.enqueued_at) * 1000, seat.served)
      ) / ${arg.ageingMs}::float8) as urgency
      from seat cross join lateral (
        select a.rank, a.deadline, a.enqueued_at from agenda a
        where a.workspace_id = seat.workspace_id and a.agent = seat.agent
          and a.rank is not null and a.lease_owner is null
          and (a.rank, a.deadline, -a.rating, a.position) > (seat.rank, seat.deadline, -seat.rating, seat.position)
        order by a.rank, a.deadline, -a.rating, a.position
        limit 1) as head
    ), chosen as materialized (
      select * from waiting
      order by urgency, due, workspace_served, served, workspace_id, agent
      limit ${arg.places}::int
    ), taken as (
      select row.at from chosen cross join lateral (
        select a.ctid as at from agenda a
        where a.workspace_id = chosen.workspace_id and a.agent = chosen.agent
          and a.rank is not null and a.lease_owner is null
          and (a.rank, a.deadline, -a.rating, a.position)
            > (chosen.rank, chosen.deadline, -chosen.rating, chosen.position)
        order by a.rank, a.deadline, -a.rating, a.position
        limit least(chosen.room, greatest(1, ${arg.items}::int / (select count(*)::int from chosen)))
        for update skip locked) as row
    )
    update agenda a
    set lease_owner = ${arg.owner}, lease_epoch = a.lease_epoch + 1, taken = cardinality(a.causes),
      attempts = a.attempts + 1
    where a.ctid = any(array(select at from taken))
    returning a.workspace_id as "workspaceId", a.profile_id as "profileId", a.agent, a.rank,
      a.deadline::text as deadline, a.rating, a.position, a.lease_epoch as epoch, a.causes, a.hop, a.trail,
      a.attempts, a.need = 1
        or (select count(distinct slot) from unnest(a.slots) as slot) >= a.need as "isWhole"`,
)

/** Claims reactions of the agents given, for as many of them as there are places. */
export const claimReactions = (
  handle: Handle,
  { seats, ...bounds }: Bounds & { seats: readonly Seat[] },
): Promise<ClaimedRow[]> => claim(handle, { ...bounds, ...columnsOf(seats, columns) })
