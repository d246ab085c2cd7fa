import { sql } from 'drizzle-orm/sql/sql'
import type { SQL } from 'drizzle-orm/sql/sql'
import type { Columns } from '../condition.ts'
import { run } from '../statement.ts'
import type { Handle } from '../statement.ts'
import { profileColumns, profileJoins } from './findProfiles.ts'
import type { ProfileRow } from './findProfiles.ts'

/** What a condition may ask of a profile, as columns of `listProfiles`. */
export const profileAttributes = {
  traits: { sql: sql`p.traits`, type: 'jsonb' },
  createdAt: { sql: sql`p.created_at`, type: 'timestamp' },
  updatedAt: { sql: sql`p.updated_at`, type: 'timestamp' },
  restricted: {
    sql: sql`((l.legal ->> 'restricted')::boolean or (l.legal ->> 'legalHold')::boolean)`,
    type: 'boolean',
  },
  jurisdiction: { sql: sql`(l.legal ->> 'jurisdiction')`, type: 'text' },
} as const satisfies Columns

/** Canonical profiles that a condition holds for; ids are in the order of creation. */
export async function listProfiles(
  db: Handle,
  arg: {
    workspaceId: number
    condition: SQL | null
    order: 'oldest' | 'newest'
    after: string | null
    limit: number
  },
): Promise<ProfileRow[]> {
  const beyond = arg.order === 'oldest' ? sql`>` : sql`<`
  const after = arg.after === null ? sql`true` : sql`p.id ${beyond} ${arg.after}::text`
  return run<ProfileRow>(
    db,
    arg.workspaceId,
    sql`
    select ${profileColumns}
    from profile p ${profileJoins}
    where p.workspace_id = ${arg.workspaceId}::int and p.canonical_id = p.id
      and not (l.legal ->> 'erased')::boolean and ${after} and ${arg.condition ?? sql`true`}
    order by p.id ${arg.order === 'oldest' ? sql`asc` : sql`desc`}
    limit ${arg.limit}::int`,
  )
}
