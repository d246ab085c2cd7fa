import { sql } from 'drizzle-orm/sql/sql'
import type { Notice } from '../../core/model/notice.ts'
import { statement } from '../statement.ts'

/** What was published, newest first: all notices, or one. */
export const listNotices = statement<
  { workspaceId: number; id: string | null; limit: number },
  Notice
>(
  (arg) => sql`
    select id, version, language, number, sha256, text, purposes, accepts, author,
      published_at as "publishedAt"
    from notice
    where workspace_id = ${arg.workspaceId}::int and (${arg.id}::text is null or id = ${arg.id}::text)
    order by published_at desc, id, number desc, language
    limit ${arg.limit}::int`,
)
