import { sql } from 'drizzle-orm/sql/sql'
import type { Role } from '../../core/model/principal.ts'
import { statement } from '../statement.ts'

/** Stores a principal; returns nothing when the id or the key is taken. */
export const insertPrincipal = statement<
  {
    workspaceId: number
    id: string
    name: string
    role: Role
    purposes: string[]
    keyHash: string
    at: string
  },
  { id: string }
>(
  (arg) => sql`
    insert into principal (workspace_id, id, name, role, purposes, key_hash, created_at)
    values (${arg.workspaceId}::int, ${arg.id}::text, ${arg.name}::text, ${arg.role}::text,
      ${arg.purposes}::text[], ${arg.keyHash}::text, ${arg.at}::timestamptz)
    on conflict do nothing
    returning id`,
)
