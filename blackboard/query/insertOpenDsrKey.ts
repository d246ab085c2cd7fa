import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Keeps a domain's key; of two nodes that make one at the same moment the first one's stands. */
export const insertOpenDsrKey = statement<
  {
    workspaceId: number
    domain: string
    wrapped: Buffer
    sealed: Buffer
    certificate: string
    at: string
  },
  never
>(
  (arg) => sql`
    insert into open_dsr_key (workspace_id, domain, wrapped, sealed, certificate, created_at)
    values (${arg.workspaceId}::int, ${arg.domain}, ${arg.wrapped}::bytea, ${arg.sealed}::bytea,
      ${arg.certificate}, ${arg.at}::timestamptz)
    on conflict do nothing`,
)
