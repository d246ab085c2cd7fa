import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Writes down how far a sealing is, which the transaction has locked, and adds what its batch found. */
export const moveSealing = statement<
  {
    workspaceId: number
    key: string
    version: number
    pass: number
    passBeganAt: string
    passFound: number
    position: string
    profiles: number
    changes: number
    events: number
    finishedAt: string | null
  },
  { profiles: number; changes: number; events: number }
>(
  (arg) => sql`
    update trait_sealing
    set pass = ${arg.pass}::int, pass_began_at = ${arg.passBeganAt}::timestamptz,
      pass_found = ${arg.passFound}::bigint, position = ${arg.position}::text,
      profiles = profiles + ${arg.profiles}::bigint, changes = changes + ${arg.changes}::bigint,
      events = events + ${arg.events}::bigint, finished_at = ${arg.finishedAt}::timestamptz,
      state = case when ${arg.finishedAt}::timestamptz is null then 'sealing' else 'done' end
    where workspace_id = ${arg.workspaceId}::int and key = ${arg.key}::text
      and version = ${arg.version}::int
    returning profiles, changes, events`,
)
