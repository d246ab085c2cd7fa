-- What came of the tasks that agents were chosen for, by which the next choice is made. One row for each agent,
-- capability and kind of task: sums, so that what several nodes report adds up. Nothing in it is a person's data:
-- of tasks it holds sums over many, of agents their names.
create table agent_outcome (
  workspace_id integer not null,
  capability text collate "C" not null,
  -- Of task.
  kind text collate "C" not null,
  -- plugin/agent
  agent text collate "C" not null,
  -- All that ever were.
  outcomes bigint not null,
  -- Those of other agents with the same capability and kind when this was written.
  others bigint not null,
  -- Of outcomes that fade with those that come after; core/select/sums.ts says of what.
  sums float8[] not null,
  updated_at timestamptz not null,
  constraint agent_outcome_pkey primary key (workspace_id, capability, kind, agent),
  constraint agent_outcome_is_of_outcomes check (outcomes > 0 and others >= 0 and sums[1] > 0)
);

create index agent_outcome_of_an_agent on agent_outcome (workspace_id, agent);

select slateboard_wall('agent_outcome');
