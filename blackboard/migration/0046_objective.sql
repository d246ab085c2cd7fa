-- Objectives, and the tasks by which performers work toward them. Nothing in either is about a single person.
create table objective (
  workspace_id integer not null,
  id text collate "C" not null,
  name text not null,
  -- Why the data that is measured is processed.
  purpose text not null,
  -- core/model/objective.ts says of what.
  metric jsonb not null,
  -- What whoever set it wants planners to know.
  brief jsonb not null default '{}',
  budgets text[] not null default '{}',
  direction text not null,
  target double precision not null,
  baseline double precision,
  measured double precision,
  measured_at timestamptz,
  state text not null,
  round smallint not null,
  rounds_max smallint not null,
  -- A plan waits until a person agrees to it.
  approves_plans boolean not null default false,
  -- How long after its last task a round is measured.
  settling_ms bigint not null default 0,
  deadline timestamptz not null,
  -- When something about it is to be looked at next.
  due_at timestamptz not null,
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  ended_at timestamptz,
  constraint objective_pkey primary key (workspace_id, id),
  constraint objective_direction_is_known check (direction in ('up', 'down')),
  constraint objective_state_is_known check (state in
    ('draft', 'running', 'paused', 'reached', 'missed', 'stopped')),
  constraint objective_is_over_once_it_ended check
    ((ended_at is null) = (state in ('draft', 'running', 'paused'))),
  constraint objective_has_rounds check (round between 1 and rounds_max),
  constraint objective_is_of_a_workspace foreign key (workspace_id) references workspace (id)
);

create index objective_due on objective (due_at) where state = 'running';

select slateboard_wall('objective');

create table task (
  workspace_id integer not null,
  objective_id text collate "C" not null,
  id text collate "C" not null,
  round smallint not null,
  key text collate "C" not null,
  skill text collate "C" not null,
  -- Of which kind it is beside others of its skill.
  kind text collate "C" not null,
  input jsonb not null,
  -- Keys of tasks of the round that it waits for, and how.
  after text[] collate "C" not null,
  joins jsonb not null,
  on_failure text not null,
  state text not null,
  -- plugin/performer that did it last.
  performer text collate "C",
  -- Those that failed at it for good.
  tried text[] collate "C" not null default '{}',
  attempts smallint not null default 0,
  due_at timestamptz not null,
  lease_owner text,
  -- Moves on with each claim: who was only slow finds that its commit matches nothing.
  lease_epoch bigint not null default 0,
  result jsonb,
  error text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  ended_at timestamptz,
  constraint task_pkey primary key (workspace_id, objective_id, id),
  constraint task_has_a_key_in_its_round unique (workspace_id, objective_id, round, key),
  constraint task_state_is_known check (state in
    ('approval', 'waiting', 'ready', 'running', 'halted', 'done', 'failed', 'skipped')),
  constraint task_on_failure_is_known check (on_failure in ('retry', 'skip', 'halt')),
  constraint task_runs_with_somebody check ((state = 'running') = (lease_owner is not null)),
  constraint task_is_over_once_it_ended check
    ((ended_at is null) = (state in ('approval', 'waiting', 'ready', 'running', 'halted'))),
  constraint task_is_of_an_objective foreign key (workspace_id, objective_id)
    references objective (workspace_id, id)
);

create index task_ready on task (due_at) where state = 'ready';
create index task_running on task (lease_owner) where state = 'running';

select slateboard_wall('task');
