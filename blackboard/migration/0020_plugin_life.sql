-- A plugin's life: states with known steps, versions that wait for approval, who signed them and how far they
-- are trusted, and the purge of what a plugin left. Running workers go on: they know active plugins alone.

alter table plugin
  -- None where no version is in service yet, or none any more.
  alter column digest drop not null,
  -- The version that waits for approval while the one above goes on, and who asked for it.
  add column candidate_digest text collate "C",
  add column candidate_by text,
  add column candidate_at timestamptz,
  -- Why it is in its state; a code.
  add column reason text,
  drop constraint plugin_state_is_known,
  add constraint plugin_state_is_known check (state in
    ('awaiting_approval', 'active', 'paused', 'quarantined', 'incompatible', 'removed', 'purged')),
  add constraint plugin_in_service_has_a_version check
    (digest is not null or state in ('awaiting_approval', 'removed', 'purged')),
  add constraint plugin_that_waits_has_a_candidate check
    (state <> 'awaiting_approval' or candidate_digest is not null),
  add constraint plugin_candidate_was_asked_for check
    (num_nonnulls(candidate_digest, candidate_by, candidate_at) in (0, 3));

-- The steps of core/model/pluginLife.ts; a test compares both.
create function plugin_may_become(before text, after text) returns boolean
  language sql immutable parallel safe
  return case before
    when 'awaiting_approval' then after in ('active', 'removed')
    when 'active' then after in ('paused', 'quarantined', 'incompatible', 'removed')
    when 'paused' then after in ('active', 'quarantined', 'incompatible', 'removed')
    when 'quarantined' then after in ('active', 'paused', 'incompatible', 'removed')
    when 'incompatible' then after in ('active', 'paused', 'removed')
    when 'removed' then after in ('awaiting_approval', 'active', 'purged')
    when 'purged' then after in ('awaiting_approval', 'active')
    else false
  end;

create function guard_plugin() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state not in ('awaiting_approval', 'active') then
      raise exception 'a plugin does not begin as %', new.state using errcode = 'restrict_violation';
    end if;
    return new;
  end if;
  if new.state <> old.state and not plugin_may_become(old.state, new.state) then
    raise exception 'a plugin that is % does not become %', old.state, new.state
      using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

create trigger plugin_takes_known_steps before insert or update on plugin
  for each row execute function guard_plugin();

alter table plugin_version
  add column readme text,
  add column trust text not null default 'local',
  -- Whose signature it bears, as the public key; none where it is unsigned.
  add column publisher_key text collate "C",
  -- Versions of before were named by a digest that jsonb cannot give back; they are taken as they are.
  add column content_addressed boolean not null default true,
  add constraint plugin_version_trust_is_known check
    (trust in ('core', 'verified', 'community', 'local', 'unsigned'));

update plugin_version set content_addressed = false;

-- The bytes stay what the digest says. Whose signature they bear may turn out later.
create function guard_plugin_version() returns trigger language plpgsql as $$
begin
  if (new.workspace_id, new.plugin_id, new.digest, new.version, new.manifest, new.bundle, new.installed_by,
      new.installed_at, new.content_addressed)
    is distinct from (old.workspace_id, old.plugin_id, old.digest, old.version, old.manifest, old.bundle,
      old.installed_by, old.installed_at, old.content_addressed) then
    raise exception 'a plugin version stays as it was installed' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

create trigger plugin_version_never_changes before update on plugin_version
  for each row execute function guard_plugin_version();

-- How each version came into service, or did not. `automatic`: it asks for nothing that somebody has to agree to.
-- `trusted`: put in service by the platform's own code, such as the watcher of a developer's folder.
create table plugin_approval (
  workspace_id integer not null,
  plugin_id text collate "C" not null,
  digest text collate "C" not null,
  id text collate "C" not null,
  verdict text not null,
  -- The version in service that it was compared with; none where there was none.
  base_digest text collate "C",
  -- What it asked for beyond that, as keys of permissions.
  gained text[] not null,
  touches_pii boolean not null,
  requested_by text not null,
  decided_by text not null,
  decided_at timestamptz not null,
  comment text,
  constraint plugin_approval_pkey primary key (workspace_id, plugin_id, digest, id),
  constraint plugin_verdict_is_known check (verdict in ('automatic', 'trusted', 'approved', 'refused')),
  constraint plugin_installer_does_not_approve_personal_data check
    (verdict <> 'approved' or not touches_pii or decided_by <> requested_by)
);

create trigger plugin_approval_never_changes before update on plugin_approval
  for each row execute function refuse_change_of_audit();

-- Whose signatures are known. A key that is not here may be anybody's.
create table plugin_publisher (
  workspace_id integer not null,
  key text collate "C" not null,
  name text not null,
  level text not null,
  added_by text not null,
  added_at timestamptz not null,
  constraint plugin_publisher_pkey primary key (workspace_id, key),
  constraint plugin_publisher_belongs_to_a_workspace foreign key (workspace_id) references workspace (id),
  constraint plugin_publisher_level_is_known check (level in ('core', 'verified', 'community'))
);

-- How far a plugin has to be trusted at least to use a capability; what has no row is as shipped.
create table plugin_trust (
  workspace_id integer not null,
  capability text not null,
  level text not null,
  set_by text not null,
  set_at timestamptz not null,
  constraint plugin_trust_pkey primary key (workspace_id, capability),
  constraint plugin_trust_belongs_to_a_workspace foreign key (workspace_id) references workspace (id),
  constraint plugin_trust_capability_is_known check (capability in ('pii', 'network', 'process')),
  constraint plugin_trust_level_is_known check
    (level in ('core', 'verified', 'community', 'local', 'unsigned'))
);

-- The deletion of all that a plugin wrote. Profiles are walked in passes, from `position` on, until a pass that
-- began late enough found nothing; a batch is one transaction with its progress, so it may be killed at any point.
create table plugin_purge (
  workspace_id integer not null,
  plugin_id text collate "C" not null,
  id text collate "C" not null,
  state text not null default 'purging',
  pass_began_at timestamptz not null,
  pass_found bigint not null default 0,
  position text collate "C" not null default '',
  profiles bigint not null default 0,
  trait_values bigint not null default 0,
  changes bigint not null default 0,
  holds bigint not null default 0,
  reactions bigint not null default 0,
  requested_by text not null,
  requested_at timestamptz not null,
  finished_at timestamptz,
  constraint plugin_purge_pkey primary key (workspace_id, plugin_id, id),
  constraint plugin_purge_state_is_known check (state in ('purging', 'done')),
  constraint plugin_purge_is_finished_when_it_is_over check ((state = 'purging') = (finished_at is null))
);

create unique index plugin_purge_open on plugin_purge (workspace_id, plugin_id) where state = 'purging';

select slateboard_wall('plugin_approval');
select slateboard_wall('plugin_publisher');
select slateboard_wall('plugin_trust');
select slateboard_wall('plugin_purge');
revoke update on plugin_version, plugin_approval from slateboard_app;
grant update (readme, trust, publisher_key) on plugin_version to slateboard_app;
