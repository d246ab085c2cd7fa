import { sql } from 'drizzle-orm/sql/sql'
import type { Notice } from '../../core/model/notice.ts'
import { statement } from '../statement.ts'

/** Every version and language of a notice, the newest first, without the texts. */
export const findNotice = statement<{ workspaceId: number; id: string }, Omit<Notice, 'text'>>(
  (arg) => sql`
    select id, version, language, number, sha256, purposes, accepts, author, published_at as "publishedAt"
    from notice where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}
    order by number desc, language`,
)
