import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Says what a free id of a dialect means; `targets` is JSON: [{ purpose, channels }]. */
export const writeMapping = statement<
  {
    workspaceId: number
    dialect: string
    sourceId: string
    consentId: string
    targets: string
    author: string
    at: string
  },
  never
>(
  (arg) => sql`
    insert into consent_mapping (workspace_id, dialect, source_id, consent_id, targets, author, defined_at)
    values (${arg.workspaceId}::int, ${arg.dialect}, ${arg.sourceId}, ${arg.consentId},
      ${arg.targets}::text::jsonb, ${arg.author}, ${arg.at}::timestamptz)
    on conflict (workspace_id, dialect, source_id, consent_id) do update set
      targets = excluded.targets, author = excluded.author, defined_at = excluded.defined_at`,
)
