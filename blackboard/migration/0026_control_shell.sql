-- Which reactions run first, and which do not run at all: a deadline and a rating for each, the chain of agents that led
-- to it, and preconditions and crossings in the subscriptions. Stop workers of before first: they claim by an order that
-- is gone.

alter table agenda
  -- By when it should have begun; the earliest runs first inside a priority.
  add column deadline timestamptz not null default 'infinity',
  -- From 0 to 1; of one agent's reactions the highest runs first.
  add column rating real not null default 0,
  -- The agents whose writes led here since the last event from outside, oldest first, separated by spaces.
  add column trail text collate "C" not null default '',
  add constraint agenda_rating_is_a_share check (rating between 0 and 1);

-- By agent: so that a claim takes turns between them, and walks over nothing of those that do not run.
drop index agenda_order;
create index agenda_order on agenda (workspace_id, agent, rank, deadline, (-rating), position)
  where rank is not null;

alter table subscription
  drop constraint subscription_kind_is_known,
  add constraint subscription_kind_is_known check (kind in ('event', 'trait', 'crossing', 'consent')),
  -- What has to hold of the profile's open traits, as a path that gives true or false; null for anything.
  add column guard jsonpath,
  -- The traits that it asks for.
  add column guard_keys text[] not null default '{}',
  -- Of a crossing: wakes when the trait's number comes to lie above or below.
  add column above double precision,
  add column below double precision,
  -- Milliseconds from being woken until it should have begun.
  add column deadline_ms bigint,
  add column rating real not null default 0,
  -- Names the trait whose number is the rating instead.
  add column rating_trait text collate "C",
  -- How often the agent may be in the chain that wakes it again.
  add column visits_max smallint not null default 4,
  add constraint subscription_crossing_has_a_threshold check
    ((kind = 'crossing') = (above is not null or below is not null));
