-- A second wall behind the statements: the platform reads and writes as a role that owns nothing and may
-- bypass nothing, and sees the rows of one workspace, which every transaction names. Without a name there
-- are no rows. `*` names all workspaces, for the platform's own steps (claims, sweeps, look-ups by key).

do $$
begin
  if not exists (select from pg_roles where rolname = 'slateboard_app') then
    create role slateboard_app nologin nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
exception
  -- Another database of this server is being migrated at the same moment.
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then
    raise exception 'the role slateboard_app is missing and % may not create it; an administrator runs once: create role slateboard_app nologin; grant slateboard_app to %',
      current_user, current_user;
end $$;

-- Tried rather than looked up: from Postgres 16 on, who made a role is a member that may not act as it yet.
do $$
begin
  begin
    set local role slateboard_app;
  exception
    when insufficient_privilege then execute format('grant slateboard_app to %I', current_user);
  end;
  reset role;
exception
  when insufficient_privilege then
    raise exception '% may not act as slateboard_app; an administrator runs once: grant slateboard_app to %',
      current_user, current_user;
end $$;

do $$
begin
  execute format('grant usage on schema %I to slateboard_app', current_schema());
end $$;

create function slateboard_workspace() returns integer
  language sql stable parallel safe
  return nullif(nullif(current_setting('slateboard.workspace', true), ''), '*')::integer;

create function slateboard_everywhere() returns boolean
  language sql stable parallel safe
  return coalesce(current_setting('slateboard.workspace', true) = '*', false);

-- Puts a table behind the wall; a later migration calls it for each table that it makes. The functions
-- stand in sub-selects so that they are asked once a statement and not once a row.
create function slateboard_wall(walled regclass, workspace_column name default 'workspace_id')
  returns void
  language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', walled);
  execute format(
    'create policy workspace on %s using (%I = (select slateboard_workspace()) or (select slateboard_everywhere()))',
    walled, workspace_column);
  execute format('grant select, insert, update, delete on %s to slateboard_app', walled);
end $$;

do $$
declare
  walled regclass;
begin
  perform slateboard_wall('workspace', 'id');
  for walled in
    select c.oid from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition
  loop
    perform slateboard_wall(walled);
  end loop;
end $$;

grant select, insert, update, delete on worker to slateboard_app;
grant select on slateboard_migration to slateboard_app;
grant usage on sequence agenda_position to slateboard_app;
-- What is written once.
revoke update, delete on consent_event, audit_entry, trait_definition_version, policy_approval,
  policy_enactment from slateboard_app;

-- Partitions belong to the owner of their table, so that role makes them, and nothing else of the caller's.
create function slateboard_make_partition(parent text, from_month date) returns boolean
  language plpgsql security definer set search_path from current as $$
declare
  next_month date := (from_month + interval '1 month')::date;
begin
  if parent not in ('event', 'change') or from_month <> date_trunc('month', from_month)::date then
    raise exception 'no partition of % from %', parent, from_month;
  end if;
  execute format(
    'create table if not exists %I partition of %I for values from (%L) to (%L)',
    parent || to_char(from_month, '_YYYY_MM'), parent,
    from_month::timestamp at time zone 'UTC', next_month::timestamp at time zone 'UTC');
  return true;
exception
  -- The default partition holds rows of that month already; they stay there.
  when check_violation then return false;
end $$;

revoke execute on function slateboard_make_partition(text, date) from public;
grant execute on function slateboard_make_partition(text, date) to slateboard_app;
