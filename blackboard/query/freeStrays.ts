import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/**
 * Frees reactions that nobody runs: claimed by this worker without its knowing (the answer to its claim was
 * lost, or giving them back failed), or by one that died before its first beat. `held` is JSON of what this
 * worker runs. Reads the whole agenda: 20 ms with 100,000 rows waiting, so not for every round.
 */
export const freeStrays = acrossWorkspaces<{ owner: string; held: string }, { agent: string }>(
  (arg) => sql`
    update agenda a set lease_owner = null, taken = 0
    where a.lease_owner is not null
      and case when a.lease_owner = ${arg.owner} then not exists (
          select from json_to_recordset(${arg.held}::text::json)
            as h ("workspaceId" int, "profileId" text, agent text, epoch bigint)
          where h."workspaceId" = a.workspace_id and h."profileId" = a.profile_id
            and h.agent = a.agent and h.epoch = a.lease_epoch)
        else not exists (select from worker w where w.id = a.lease_owner) end
    returning a.agent`,
)
