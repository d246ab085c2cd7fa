-- Agents that are woken by the clock.
create table schedule (
  workspace_id integer not null,
  -- plugin/agent
  agent text collate "C" not null,
  cron text collate "C" not null,
  timezone text collate "C" not null,
  priority smallint not null,
  -- As in subscription.
  guard jsonpath,
  guard_keys text[] not null default '{}',
  deadline_ms bigint,
  rating real not null default 0,
  rating_trait text collate "C",
  next_at timestamptz not null,
  -- While an occurrence is being put on the agenda: when it was due, and the profile up to which that is done.
  due_at timestamptz,
  upto text collate "C",
  constraint schedule_pkey primary key (workspace_id, agent, cron, timezone),
  constraint schedule_goes_on_where_it_began check ((due_at is null) = (upto is null)),
  constraint schedule_is_of_a_workspace foreign key (workspace_id) references workspace (id)
);

select slateboard_wall('schedule');
