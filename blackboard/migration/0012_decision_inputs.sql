-- What a decision was made from, so that it can be made again: ids and versions of what has them, and the rest as
-- it was. Running workers go on: they record decisions without it, which can be read and not replayed.

alter table decision add column inputs jsonb;

-- What decisions of a workspace have in common (purposes, channels, notices), once for each content: decisions
-- name it by its hash.
create table decision_setting (
  workspace_id integer not null,
  hash text collate "C" not null,
  content jsonb not null,
  at timestamptz not null,
  constraint decision_setting_pkey primary key (workspace_id, hash),
  constraint decision_setting_belongs_to_a_workspace foreign key (workspace_id) references workspace (id)
);

create trigger decision_setting_is_append_only before update or delete on decision_setting
  for each row execute function refuse_change_of_audit();
create trigger decision_setting_is_never_truncated before truncate on decision_setting
  for each statement execute function refuse_change_of_audit();

-- How a person stood at which version of legal_state. Only versions that say something new have a row: the one at
-- or below a version tells how it was then, and none tells that nothing stood against the person.
create table legal_state_version (
  workspace_id integer not null,
  profile_id text collate "C" not null,
  version bigint not null,
  restricted boolean not null,
  legal_hold boolean not null,
  objections text[] not null,
  holds jsonb not null,
  gpc boolean not null,
  minor_band text,
  jurisdiction text,
  erased_at timestamptz,
  at timestamptz not null,
  constraint legal_state_version_pkey primary key (workspace_id, profile_id, version)
);

-- Append-only, but that nothing is kept of how a person stood who was erased.
create function guard_legal_state_version() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and exists (
    select from legal_state l
    where l.workspace_id = old.workspace_id and l.profile_id = old.profile_id and l.erased_at is not null)
  then
    return old;
  end if;
  raise exception '% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'restrict_violation';
end $$;

create trigger legal_state_version_is_append_only before update or delete on legal_state_version
  for each row execute function guard_legal_state_version();
create trigger legal_state_version_is_never_truncated before truncate on legal_state_version
  for each statement execute function refuse_change_of_audit();

insert into legal_state_version
select workspace_id, profile_id, version, restricted, legal_hold, objections, holds, gpc, minor_band,
  jurisdiction, erased_at, updated_at
from legal_state
where restricted or legal_hold or objections <> '{}' or holds <> '[]' or gpc or minor_band is not null
  or jurisdiction is not null or erased_at is not null;

-- A standing that changes has another version, whoever changed it and whatever they thought of.
create function move_legal_state() returns trigger language plpgsql as $$
begin
  new.version := old.version + 1;
  return new;
end $$;

create trigger legal_state_moves_on before update on legal_state
  for each row when (new.version = old.version
    and (new.restricted, new.legal_hold, new.objections, new.holds, new.gpc, new.minor_band, new.jurisdiction,
      new.erased_at) is distinct from
      (old.restricted, old.legal_hold, old.objections, old.holds, old.gpc, old.minor_band, old.jurisdiction,
      old.erased_at))
  execute function move_legal_state();

create function keep_legal_state() returns trigger language plpgsql as $$
begin
  insert into legal_state_version values (new.workspace_id, new.profile_id, new.version, new.restricted,
    new.legal_hold, new.objections, new.holds, new.gpc, new.minor_band, new.jurisdiction, new.erased_at,
    new.updated_at);
  return null;
end $$;

create trigger legal_state_is_kept_when_changed after update on legal_state
  for each row when (
    (new.restricted, new.legal_hold, new.objections, new.holds, new.gpc, new.minor_band, new.jurisdiction,
      new.erased_at) is distinct from
      (old.restricted, old.legal_hold, old.objections, old.holds, old.gpc, old.minor_band, old.jurisdiction,
      old.erased_at))
  execute function keep_legal_state();

create trigger legal_state_is_kept_from_the_start after insert on legal_state
  for each row when (new.restricted or new.legal_hold or new.objections <> '{}' or new.holds <> '[]' or new.gpc
    or new.minor_band is not null or new.jurisdiction is not null or new.erased_at is not null)
  execute function keep_legal_state();

-- The platform may not delete history, so this is done as its owner.
create function forget_legal_state() returns trigger
language plpgsql security definer set search_path from current as $$
begin
  delete from legal_state_version v
  where v.workspace_id = new.workspace_id and v.profile_id = new.profile_id and v.version < new.version;
  return null;
end $$;

create trigger legal_state_is_forgotten_with_the_person after update on legal_state
  for each row when (new.erased_at is not null and old.erased_at is null)
  execute function forget_legal_state();

select slateboard_wall('decision_setting');
select slateboard_wall('legal_state_version');
revoke update, delete on decision_setting, legal_state_version from slateboard_app;
