-- Upgrades that are watched: a version that runs beside the one in service on a share of the profiles, or that took
-- over a moment ago. Running workers go on: those that do not know of a canary leave all profiles to the version
-- in service.

alter table plugin
  -- What was asked for with the version that waits: to try it on so many percent of the profiles; none for all.
  add column candidate_share smallint,
  add constraint plugin_candidate_share_is_of_a_candidate check
    (candidate_share is null or (candidate_digest is not null and candidate_share between 1 and 99));

alter table plugin_approval
  drop constraint plugin_verdict_is_known,
  add constraint plugin_verdict_is_known check
    (verdict in ('automatic', 'trusted', 'approved', 'refused', 'promoted', 'rolled_back'));

-- How the version in service fared since it took over, which the next one is compared with.
alter table plugin_health
  add column version_digest text collate "C",
  add column version_items bigint not null default 0,
  add column version_failures bigint not null default 0;

create table plugin_rollout (
  workspace_id integer not null,
  plugin_id text collate "C" not null,
  id text collate "C" not null,
  digest text collate "C" not null,
  -- The version that is in service beside it, or was before it.
  base_digest text collate "C" not null,
  state text not null,
  -- Percent of the profiles; 100 for a version that is in service.
  share smallint not null,
  -- Items that told something, of both, and those that they failed by their own doing.
  items bigint not null default 0,
  failures bigint not null default 0,
  base_items bigint not null default 0,
  base_failures bigint not null default 0,
  -- What it is judged by, as in core/model/pluginRollout.ts.
  limits jsonb not null,
  started_by text not null,
  started_at timestamptz not null,
  -- When its first items were counted.
  worked_at timestamptz,
  ended_at timestamptz,
  -- Why it is over: a code, or what the platform says to its figures.
  reason text,
  constraint plugin_rollout_pkey primary key (workspace_id, plugin_id, id),
  constraint plugin_rollout_is_of_a_plugin foreign key (workspace_id, plugin_id)
    references plugin (workspace_id, id),
  constraint plugin_rollout_state_is_known check
    (state in ('canary', 'watching', 'completed', 'rolled_back')),
  constraint plugin_rollout_share_is_a_percentage check (share between 1 and 100),
  constraint plugin_rollout_of_all_is_no_canary check
    (case state when 'canary' then share < 100 when 'watching' then share = 100 else true end),
  constraint plugin_rollout_is_between_two_versions check (digest <> base_digest),
  constraint plugin_rollout_has_an_end_once_it_is_over check
    ((state in ('canary', 'watching')) = (ended_at is null)),
  constraint plugin_rollout_says_why_it_is_over check (ended_at is null or reason is not null)
);

create unique index plugin_rollout_under_way on plugin_rollout (workspace_id, plugin_id)
  where state in ('canary', 'watching');

select slateboard_wall('plugin_rollout');
