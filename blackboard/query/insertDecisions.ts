import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Records decisions of the gate with every check's verdict, and what they were made from. */
export const insertDecisions = statement<{ workspaceId: number; decisions: string }, never>(
  (arg) => sql`
    insert into decision (workspace_id, profile_id, id, activation_id, kind, outcome, reason, checks,
      policy_number, policy_hash, legal_version, profile_revision, engine, obligations, valid_until,
      decided_at, inputs)
    select ${arg.workspaceId}::int, "profileId", id, "activationId", kind, outcome, reason, checks,
      "policyNumber", "policyHash", "legalVersion", "profileRevision", engine, obligations, "validUntil",
      "decidedAt", inputs
    from json_to_recordset(${arg.decisions}::text::json) as new ("profileId" text, id text,
      "activationId" text, kind text, outcome text, reason text, checks jsonb, "policyNumber" int,
      "policyHash" text, "legalVersion" bigint, "profileRevision" bigint, engine text,
      obligations jsonb, "validUntil" timestamptz, "decidedAt" timestamptz, inputs jsonb)`,
)
