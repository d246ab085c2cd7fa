import type { Sql } from 'postgres'

/**
 * Looks, as the last thing before each commit by which an activation becomes `dispatching`, whether what
 * forbids it has committed: its own statement then sees every commit before. It rests a moment first, so
 * that one that could come between would. What it finds is a leak.
 */
export async function watchBegins(sql: Sql): Promise<void> {
  await sql.unsafe(`
    create table leak (activation_id text);
    grant insert on leak to public;
    create function look_for_leak() returns trigger language plpgsql as $$
    begin
      perform pg_sleep(0.001);
      if exists (select from consent_current where workspace_id = new.workspace_id
          and profile_id = new.profile_id and decision = 'withdrawn')
        or exists (select from legal_state where workspace_id = new.workspace_id
          and profile_id = new.profile_id and (restricted or holds <> '[]'))
        or exists (select from policy_version where workspace_id = new.workspace_id
          and status = 'active' and number % 2 = 1 and number > 1)
      then
        insert into leak values (new.id);
      end if;
      return null;
    end $$;
    create constraint trigger leaks_are_kept after update on activation
      deferrable initially deferred for each row when (new.state = 'dispatching')
      execute function look_for_leak()`)
}
