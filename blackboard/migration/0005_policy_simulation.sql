-- What a policy would change, worked out over all profiles before it applies. Workers of before know nothing
-- of it and need not.

create table policy_simulation (
  workspace_id integer not null,
  id text collate "C" not null,
  -- Null for a document that is stored as no version.
  candidate integer,
  candidate_sha256 text collate "C" not null,
  -- What was in force and is compared with; null when nothing was.
  base integer,
  days integer not null,
  state text not null,
  done bigint not null default 0,
  total bigint not null default 0,
  result jsonb,
  failure text,
  requested_by text not null,
  started_at timestamptz not null,
  -- The process that works on it says so every second; one that stopped saying so is gone.
  beat_at timestamptz not null,
  finished_at timestamptz,
  constraint policy_simulation_pkey primary key (workspace_id, id),
  constraint policy_simulation_belongs_to_a_workspace foreign key (workspace_id) references workspace (id),
  constraint policy_simulation_state_is_known check (state in ('running', 'done', 'cancelled', 'failed')),
  constraint policy_simulation_has_a_result_when_done check ((state = 'done') = (result is not null)),
  constraint policy_simulation_has_a_failure_when_failed check ((state = 'failed') = (failure is not null)),
  constraint policy_simulation_finishes_once check ((state = 'running') = (finished_at is null))
);

-- A scan of all profiles is work enough for a workspace at a time.
create unique index policy_simulation_is_one_at_a_time on policy_simulation (workspace_id)
  where state = 'running';

select slateboard_wall('policy_simulation');
