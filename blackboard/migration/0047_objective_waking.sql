-- Agents that are woken for everybody when an objective begins, is planned anew or ends.
alter table subscription
  drop constraint subscription_kind_is_known,
  add constraint subscription_kind_is_known check (kind in ('event', 'trait', 'crossing', 'need', 'consent',
    'obviating_event', 'obviating_trait', 'rating', 'objective'));

-- How far each agent is woken of it; gone once everybody was.
create table objective_waking (
  workspace_id integer not null,
  id bigint generated always as identity,
  -- plugin/agent
  agent text collate "C" not null,
  objective_id text collate "C" not null,
  name text collate "C" not null,
  state text not null,
  round smallint not null,
  -- The profile up to which that is done.
  upto text collate "C" not null default '',
  at timestamptz not null,
  constraint objective_waking_pkey primary key (workspace_id, id),
  constraint objective_waking_state_is_known check (state in
    ('started', 'planned', 'reached', 'missed', 'stopped')),
  constraint objective_waking_is_of_an_objective foreign key (workspace_id, objective_id)
    references objective (workspace_id, id) on delete cascade
);

select slateboard_wall('objective_waking');
