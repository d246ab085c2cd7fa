-- Trait definitions get versions, rules and lifetimes, and a history that nobody can change; values that
-- turned out to be personal are moved into the vault by a job that is kept here. Running workers go on:
-- every new column has a default.

alter table trait_definition
  add column version integer not null default 1,
  add column description text not null default '',
  add column owners text[] not null default '{}',
  add column conflict_rule text not null default 'latest',
  add column merge_rule text not null default 'latest',
  add column freshness_ms bigint,
  add column ttl_ms bigint,
  -- When an officer last declared a vaulted trait open: values sealed before are readable as the new class.
  add column opened_at timestamptz,
  -- Where a trait that nobody registered was first seen.
  add column first_source text collate "C",
  add column author text not null default 'system',
  add column updated_at timestamptz not null default now(),
  add constraint trait_version_counts_from_one check (version >= 1),
  add constraint trait_conflict_rule_is_known check
    (conflict_rule in ('latest', 'owner', 'confidence', 'priority', 'escalate')),
  add constraint trait_merge_rule_is_known check
    (merge_rule in ('latest', 'oldest', 'most_confident', 'union', 'sum', 'max', 'min')),
  add constraint trait_freshness_is_a_while check (freshness_ms > 0),
  add constraint trait_ttl_is_a_while check (ttl_ms > 0),
  add constraint trait_was_opened_by_registration check (opened_at is null or registered);

update trait_definition set updated_at = created_at;

create table trait_definition_version (
  workspace_id integer not null,
  key text collate "C" not null,
  version integer not null,
  data_class text not null,
  schema jsonb,
  purposes text[] not null,
  owner text,
  owners text[] not null,
  description text not null,
  conflict_rule text not null,
  merge_rule text not null,
  freshness_ms bigint,
  ttl_ms bigint,
  registered boolean not null,
  author text not null,
  reason text not null,
  at timestamptz not null,
  constraint trait_definition_version_pkey primary key (workspace_id, key, version)
);

insert into trait_definition_version (workspace_id, key, version, data_class, schema, purposes, owner,
  owners, description, conflict_rule, merge_rule, freshness_ms, ttl_ms, registered, author, reason, at)
select workspace_id, key, version, data_class, schema, purposes, owner, owners, description,
  conflict_rule, merge_rule, freshness_ms, ttl_ms, registered, author, 'was there before versions',
  created_at
from trait_definition;

create trigger trait_definition_version_is_append_only
  before update or delete on trait_definition_version
  for each row execute function refuse_change_of_audit();
create trigger trait_definition_version_is_never_truncated before truncate on trait_definition_version
  for each statement execute function refuse_change_of_audit();

-- Values that stand in the open of a trait that is vaulted by now. A job walks the profiles in passes, from
-- `position` on, until a pass that began late enough found nothing. All of a batch is one transaction with
-- its progress, so it may be killed at any point.
create table trait_sealing (
  workspace_id integer not null,
  key text collate "C" not null,
  version integer not null,
  state text not null,
  pass integer not null default 1,
  pass_began_at timestamptz not null,
  pass_found bigint not null default 0,
  position text collate "C" not null default '',
  profiles bigint not null default 0,
  changes bigint not null default 0,
  events bigint not null default 0,
  requested_at timestamptz not null,
  finished_at timestamptz,
  constraint trait_sealing_pkey primary key (workspace_id, key, version),
  constraint trait_sealing_state_is_known check (state in ('sealing', 'done', 'dropped')),
  constraint trait_sealing_is_finished_when_it_is_over check
    ((state = 'sealing') = (finished_at is null))
);

create index trait_sealing_open on trait_sealing (pass_began_at) where state = 'sealing';
