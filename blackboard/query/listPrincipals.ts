import { sql } from 'drizzle-orm/sql/sql'
import type { Role } from '../../core/model/principal.ts'
import { statement } from '../statement.ts'

export const listPrincipals = statement<
  { workspaceId: number },
  {
    id: string
    name: string
    role: Role
    purposes: string[]
    createdAt: Date
    revokedAt: Date | null
  }
>(
  (arg) => sql`
    select id, name, role, purposes, created_at as "createdAt", revoked_at as "revokedAt"
    from principal where workspace_id = ${arg.workspaceId}::int
    order by id`,
)
