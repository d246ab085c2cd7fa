-- What operators set for a plugin, what a plugin remembers, and how far its state was brought to a newer version.
-- Running workers go on: plugins of before declare none of it.

-- Every config that was ever set; the highest number is in force.
create table plugin_config_version (
  workspace_id integer not null,
  plugin_id text collate "C" not null,
  number integer not null,
  -- What was set; defaults are the manifest's and not in it.
  config jsonb not null,
  -- Names of the secrets that were set or taken away with it. Their values are never in the history.
  secrets text[] not null default '{}',
  -- The version that it brought back, if it did.
  returns_to integer,
  author text not null,
  reason text,
  set_at timestamptz not null,
  constraint plugin_config_version_pkey primary key (workspace_id, plugin_id, number),
  constraint plugin_config_is_an_object check (jsonb_typeof(config) = 'object'),
  constraint plugin_config_returns_to_one_before check (returns_to < number)
);

create trigger plugin_config_version_is_append_only before update or delete on plugin_config_version
  for each row execute function refuse_change_of_audit();
create trigger plugin_config_version_is_never_truncated before truncate on plugin_config_version
  for each statement execute function refuse_change_of_audit();

-- Sealed under a key of its own, which is wrapped by the master key.
create table plugin_secret (
  workspace_id integer not null,
  plugin_id text collate "C" not null,
  name text collate "C" not null,
  wrapped bytea not null,
  sealed bytea not null,
  set_by text not null,
  set_at timestamptz not null,
  constraint plugin_secret_pkey primary key (workspace_id, plugin_id, name)
);

-- A revision is never given twice, so that a value that was dropped and written anew is not taken for the old one.
create sequence state_revision cache 100;
grant usage on sequence state_revision to slateboard_app;

-- One row for a profile and plugin, all keys in it: a reaction reads one and writes one.
create table profile_state (
  workspace_id integer not null,
  profile_id text collate "C" not null,
  plugin_id text collate "C" not null,
  version integer not null,
  revision bigint not null,
  state jsonb not null,
  -- Of the JSON text in UTF-8, as the platform counts it.
  bytes integer not null,
  updated_at timestamptz not null,
  constraint profile_state_pkey primary key (workspace_id, profile_id, plugin_id),
  constraint profile_state_is_an_object check (jsonb_typeof(state) = 'object'),
  constraint profile_state_keeps_its_quota check (bytes between 2 and 16384)
);

-- A plugin's rows in the order in which they are migrated and purged.
create index profile_state_of_a_plugin on profile_state (workspace_id, plugin_id, profile_id);

-- What a plugin keeps for itself: one row a key, so that one of many large values is written alone.
create table plugin_state (
  workspace_id integer not null,
  plugin_id text collate "C" not null,
  key text collate "C" not null,
  version integer not null,
  revision bigint not null,
  value jsonb not null,
  bytes integer not null,
  updated_at timestamptz not null,
  constraint plugin_state_pkey primary key (workspace_id, plugin_id, key),
  constraint plugin_state_has_a_size check (bytes > 0)
);

-- How far state was brought to the version of an upgrade.
create table state_migration (
  workspace_id integer not null,
  plugin_id text collate "C" not null,
  version integer not null,
  state text not null,
  -- The last profile that it is through with; '' at its start.
  position text collate "C" not null default '',
  migrated bigint not null default 0,
  failed bigint not null default 0,
  requested_at timestamptz not null,
  finished_at timestamptz,
  constraint state_migration_pkey primary key (workspace_id, plugin_id, version),
  constraint state_migration_state_is_known check (state in ('migrating', 'done', 'dropped')),
  constraint state_migration_is_finished_when_it_ends check
    ((state = 'migrating') = (finished_at is null))
);

create index state_migration_under_way on state_migration (requested_at) where state = 'migrating';

select slateboard_wall('plugin_config_version');
select slateboard_wall('plugin_secret');
select slateboard_wall('profile_state');
select slateboard_wall('plugin_state');
select slateboard_wall('state_migration');
revoke update, delete on plugin_config_version from slateboard_app;
