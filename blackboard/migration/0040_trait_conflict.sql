-- Traits that several agents write, and what became of the words that lost. Workers of before know of no shared trait:
-- they refuse the write of whoever does not own it, and write over what others said; their words are not noted.

alter table trait_definition
  -- How several agents may write it; null where one does.
  add column shares jsonb,
  drop constraint trait_conflict_rule_is_known,
  add constraint trait_conflict_rule_is_known check
    (conflict_rule in ('latest', 'owner', 'confidence', 'priority', 'vote', 'escalate'));

alter table trait_definition_version add column shares jsonb;

create table trait_conflict (
  workspace_id integer not null,
  -- As it was when they met; a person who is merged since is found by their members.
  profile_id text collate "C" not null,
  id text collate "C" not null,
  trait text collate "C" not null,
  rule text not null,
  winner_kind text not null,
  winner text collate "C" not null,
  -- plugin/agent
  loser text collate "C" not null,
  -- What lost, and what stands instead; null where that is no value, or one that may not stand in the open.
  value jsonb,
  stood jsonb,
  is_sealed boolean not null default false,
  confidence real not null,
  winner_confidence real not null,
  -- Of what stands.
  revision integer not null,
  -- The same word may lose again and again against the same.
  times integer not null default 1,
  state text not null,
  -- kept, taken, superseded or sealed; null where the rule decided.
  resolution text,
  resolved_by text collate "C",
  resolved_at timestamptz,
  found_at timestamptz not null,
  at timestamptz not null,
  constraint trait_conflict_pkey primary key (workspace_id, profile_id, id),
  constraint trait_conflict_belongs_to_a_workspace foreign key (workspace_id) references workspace (id),
  constraint trait_conflict_rule_is_known_by_name check (rule in
    ('latest', 'owner', 'priority', 'confidence', 'vote', 'escalate', 'commitment')),
  constraint trait_conflict_state_is_known check (state in ('open', 'proposed', 'settled')),
  constraint trait_conflict_resolution_is_known check (resolution in ('kept', 'taken', 'superseded', 'sealed')),
  constraint trait_conflict_waits_or_is_resolved check (resolution is null or state = 'settled'),
  constraint trait_conflict_of_persons_names_them check
    (resolution is null or resolution not in ('kept', 'taken') or resolved_by is not null)
) with (fillfactor = 80);

-- Lists go by the newest; few of them wait.
create index trait_conflict_newest on trait_conflict (workspace_id, id);
create index trait_conflict_waiting on trait_conflict (workspace_id, id) where state <> 'settled';
create index trait_conflict_old on trait_conflict (at) where state = 'settled';

select slateboard_wall('trait_conflict');

alter table plugin_health
  add column writes bigint not null default 0,
  add column conflicts bigint not null default 0;
