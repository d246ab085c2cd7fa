import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Takes a trait out of the open on profiles that the transaction has locked; `made` holds JSON, one per id. */
export const sealTraits = statement<
  { workspaceId: number; key: string; ids: readonly string[]; made: readonly string[] },
  never
>(
  (arg) => sql`
    update profile p
    set traits = p.traits - ${arg.key}::text, revision = p.revision + 1,
      provenance = p.provenance || jsonb_build_object(${arg.key}::text, sealed.made::jsonb)
    from unnest(${arg.ids}::text[], ${arg.made}::text[]) as sealed (id, made)
    where p.workspace_id = ${arg.workspaceId}::int and p.id = any(${arg.ids}::text[])
      and p.id = sealed.id`,
)
