import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Publishes one language of one version of a notice. Nothing when that was published before. */
export const insertNotice = statement<
  {
    workspaceId: number
    id: string
    version: string
    language: string
    number: number
    sha256: string
    text: string
    purposes: readonly string[]
    accepts: string
    author: string
    at: string
  },
  { number: number }
>(
  (arg) => sql`
    insert into notice (workspace_id, id, version, language, number, sha256, text, purposes, accepts,
      author, published_at)
    values (${arg.workspaceId}::int, ${arg.id}, ${arg.version}, ${arg.language}, ${arg.number}::int,
      ${arg.sha256}, ${arg.text}, ${arg.purposes}::text[], ${arg.accepts}, ${arg.author},
      ${arg.at}::timestamptz)
    on conflict do nothing
    returning number`,
)
