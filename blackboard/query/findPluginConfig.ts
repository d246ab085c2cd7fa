import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** What an installed plugin takes as config and what is set; number 0 where nothing ever was. */
export const findPluginConfig = statement<
  { workspaceId: number; plugin: string },
  {
    version: string
    /** The part of its manifest. */
    declared: Json
    number: number
    config: Json
    secrets: string[]
  }
>(
  (arg) => sql`
    select v.version, v.manifest -> 'config' as declared, coalesce(c.number, 0) as number,
      coalesce(c.config, '{}') as config, array(
        select s.name from plugin_secret s
        where s.workspace_id = p.workspace_id and s.plugin_id = p.id order by s.name) as secrets
    from plugin p
    join plugin_version v on v.workspace_id = p.workspace_id and v.plugin_id = p.id
      and v.digest = p.digest
    left join lateral (
      select number, config from plugin_config_version c
      where c.workspace_id = p.workspace_id and c.plugin_id = p.id
      order by c.number desc limit 1
    ) as c on true
    where p.workspace_id = ${arg.workspaceId}::int and p.id = ${arg.plugin}
      and p.state not in ('removed', 'purged')`,
)
