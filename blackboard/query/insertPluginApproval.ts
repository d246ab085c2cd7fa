import { sql } from 'drizzle-orm/sql/sql'
import type { PluginVerdict } from '../../core/model/pluginLife.ts'
import { statement } from '../statement.ts'

/** Writes down how a version came into service, or that it did not. */
export const insertPluginApproval = statement<
  {
    workspaceId: number
    pluginId: string
    digest: string
    id: string
    verdict: PluginVerdict
    baseDigest: string | null
    gained: readonly string[]
    touchesPii: boolean
    requestedBy: string
    decidedBy: string
    at: string
    comment: string | null
  },
  never
>(
  (arg) => sql`
    insert into plugin_approval (workspace_id, plugin_id, digest, id, verdict, base_digest, gained,
      touches_pii, requested_by, decided_by, decided_at, comment)
    values (${arg.workspaceId}::int, ${arg.pluginId}::text, ${arg.digest}::text, ${arg.id}::text,
      ${arg.verdict}::text, ${arg.baseDigest}::text, ${arg.gained}::text[], ${arg.touchesPii}::boolean,
      ${arg.requestedBy}::text, ${arg.decidedBy}::text, ${arg.at}::timestamptz, ${arg.comment}::text)`,
)
