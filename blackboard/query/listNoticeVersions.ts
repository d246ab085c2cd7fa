import { sql } from 'drizzle-orm/sql/sql'
import type { NoticeVersion } from '../../core/model/notice.ts'
import { statement } from '../statement.ts'

/** The versions of every notice, without their texts; a dozen or two in a workspace. */
export const listNoticeVersions = statement<{ workspaceId: number }, NoticeVersion>(
  (arg) => sql`
    select distinct n.id, n.version, n.number, coalesce((
      select min(a.number) from notice a
      where a.workspace_id = n.workspace_id and a.id = n.id and a.version = n.accepts), n.number) as floor
    from notice n where n.workspace_id = ${arg.workspaceId}::int
    order by n.id, n.number`,
)
