import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The key that a domain's answers are signed with, sealed. */
export const findOpenDsrKey = statement<
  { workspaceId: number; domain: string },
  { wrapped: Buffer; sealed: Buffer; certificate: string }
>(
  (arg) => sql`
    select wrapped, sealed, certificate from open_dsr_key
    where workspace_id = ${arg.workspaceId}::int and domain = ${arg.domain}`,
)
