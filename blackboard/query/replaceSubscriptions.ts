import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Makes the given rows all that a plugin's agents subscribe to. */
export const replaceSubscriptions = statement<
  { workspaceId: number; plugin: string; subscriptions: string },
  never
>(
  (arg) => sql`
    with wanted as (
      select * from json_to_recordset(${arg.subscriptions}::text::json)
        as w (kind text, key text, agent text, priority smallint)
    ), gone as (
      delete from subscription s
      where s.workspace_id = ${arg.workspaceId}::int and split_part(s.agent, '/', 1) = ${arg.plugin}
        and not exists (select from wanted w where w.kind = s.kind and w.key = s.key and w.agent = s.agent)
    )
    insert into subscription (workspace_id, kind, key, agent, priority)
    select ${arg.workspaceId}::int, kind, key, agent, priority from wanted
    on conflict (workspace_id, kind, key, agent) do update set priority = excluded.priority`,
)
