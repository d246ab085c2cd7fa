import { sql } from 'drizzle-orm/sql/sql'
import { outsideWorkspaces } from '../statement.ts'

export interface Wall {
  role: string
  isSuperuser: boolean
  bypasses: boolean
  /** Tables that the role owns. */
  owned: string[]
  /** Tables with a workspace that are not walled, or by another rule than ours as well. */
  open: string[]
  /** Workspaces seen by a transaction that names none; one exists, so it must be 0. */
  seen: number
}

/** What row-level security amounts to for the role that the platform acts as. */
export const inspectWall = outsideWorkspaces<object, Wall>(
  () => sql`
    select r.rolname as role, r.rolsuper as "isSuperuser", r.rolbypassrls as bypasses,
      array(
        select c.relname::text from pg_class c
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
          and pg_has_role(r.oid, c.relowner, 'usage')
        order by 1
      ) as owned,
      array(
        select c.relname::text from pg_class c
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
          and not c.relispartition
          and (c.relname = 'workspace' or exists (
            select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id'))
          and not (c.relrowsecurity and c.relforcerowsecurity and (
            select count(*) = 1 and bool_and(p.polname = 'workspace'
              and pg_get_expr(p.polqual, p.polrelid) like '%slateboard_workspace()%')
            from pg_policy p where p.polrelid = c.oid))
        order by 1
      ) as open,
      (select count(*) from workspace) as seen
    from pg_roles r where r.rolname = current_user`,
)
