-- What operators changed of the order in which agents get their turn.
create table agent_weight (
  workspace_id integer not null,
  -- plugin/agent
  agent text collate "C" not null,
  -- Points of priority more, or less, than its reactions have by themselves.
  delta smallint not null,
  reason text not null,
  set_by text collate "C" not null,
  set_at timestamptz not null,
  constraint agent_weight_pkey primary key (workspace_id, agent),
  constraint agent_weight_is_of_a_workspace foreign key (workspace_id) references workspace (id),
  constraint agent_weight_delta_is_one_of_priorities check (delta between -100 and 100 and delta <> 0)
);

select slateboard_wall('agent_weight');
