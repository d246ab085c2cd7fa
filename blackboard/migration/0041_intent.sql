-- What agents announce before they act. Workers of before hand on no intent: they refuse the answer that has one.

create table intent (
  workspace_id integer not null,
  -- As it was when it was announced; a person who is merged since is found by their members.
  profile_id text collate "C" not null,
  id text collate "C" not null,
  -- plugin/agent
  agent text collate "C" not null,
  kind text collate "C" not null,
  resource text collate "C" not null,
  direction text collate "C",
  -- What is proposed when it is carried out.
  proposal jsonb,
  state text not null,
  -- The first that it is opposed to.
  opposes text collate "C",
  vetoed_by text collate "C",
  veto_reason text,
  activation_id text collate "C",
  cause text not null,
  hop smallint not null,
  trail text not null,
  trace text,
  announced_at timestamptz not null,
  closes_at timestamptz not null,
  -- When the platform has to look at it next; null once who announced it was told.
  due_at timestamptz,
  ended_at timestamptz,
  resolved_by text collate "C",
  constraint intent_pkey primary key (workspace_id, profile_id, id),
  constraint intent_belongs_to_a_workspace foreign key (workspace_id) references workspace (id),
  constraint intent_state_is_known check (state in ('open', 'vetoed', 'conflicted', 'carried', 'lapsed')),
  constraint intent_is_looked_at_while_open check (state <> 'open' or due_at is not null),
  constraint intent_ends_with_its_state check ((ended_at is null) = (state in ('open', 'conflicted'))),
  constraint intent_is_vetoed_by_somebody check ((state = 'vetoed') = (vetoed_by is not null)),
  constraint intent_is_proposed_when_carried check (activation_id is null or state = 'carried')
) with (fillfactor = 80);

create index intent_due on intent (due_at) where due_at is not null;
create index intent_newest on intent (workspace_id, id);
create index intent_old on intent (ended_at) where ended_at is not null;

select slateboard_wall('intent');

alter table subscription
  drop constraint subscription_kind_is_known,
  add constraint subscription_kind_is_known check (kind in ('event', 'trait', 'crossing', 'need', 'consent', 'intent',
    'outcome', 'obviating_event', 'obviating_trait', 'rating'));
