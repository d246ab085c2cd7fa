-- What must follow to destinations that were sent something: that a person opted out, was erased, put right or
-- restricted. Workers of before know nothing of it; what they send meanwhile is followed up as well, since
-- whoever writes a follow-up reads the activations.

-- Which profile a receiver was told, by every attempt: after a merge it is another than the activation's own.
alter table activation add column sent_as text[] not null default '{}';

create table follow_up (
  workspace_id integer not null,
  -- As the receiver was told: it is all that the receiver has to find the person by.
  profile_id text collate "C" not null,
  id text collate "C" not null,
  kind text not null,
  -- What the person refused, of which the activations may be children; null: every purpose.
  purpose text,
  channel text not null,
  destination text,
  -- The latest of what was sent; kept here because an erasure deletes the activations.
  activation_ids text[] not null,
  reason text not null,
  state text not null,
  asked_at timestamptz not null,
  due_at timestamptz not null,
  attempts integer not null default 0,
  last_error text,
  lease_owner text collate "C",
  updated_at timestamptz not null,
  ended_at timestamptz,
  constraint follow_up_pkey primary key (workspace_id, profile_id, id),
  constraint follow_up_belongs_to_a_workspace foreign key (workspace_id) references workspace (id),
  constraint follow_up_kind_is_known check (kind in ('opt_out', 'erasure', 'rectification', 'restriction')),
  constraint follow_up_state_is_known check (state in
    ('pending', 'sent', 'acknowledged', 'failed', 'not_supported')),
  constraint follow_up_ends_once check ((state = 'pending') = (ended_at is null)),
  constraint follow_up_is_leased_while_pending check (lease_owner is null or state = 'pending')
) with (fillfactor = 80);

-- A second word joins the one that nobody has begun to pass on. Of the destination a hash: it may be longer
-- than an index takes.
create unique index follow_up_waits_once on follow_up
  (workspace_id, profile_id, kind, channel, hashtextextended(destination, 0), purpose)
  nulls not distinct where state = 'pending' and attempts = 0;

create index follow_up_open on follow_up (due_at) where state = 'pending';

create index follow_up_leased on follow_up (lease_owner) where lease_owner is not null;

select slateboard_wall('follow_up');

-- A policy that comes into force meets every dispatch on one lock, as a withdrawal does on the legal state: a
-- dispatch holds it in share mode from before it asks which version counts until it has begun, so after a
-- version is in force nothing begins on the one before. In a trigger, since there are several ways to get there.
create function meet_dispatches() returns trigger
  language plpgsql as $$
begin
  perform pg_advisory_xact_lock(1886350458, new.workspace_id);
  return new;
end $$;

create trigger policy_version_meets_dispatches before update on policy_version
  for each row when (new.status = 'active' or old.status = 'active')
  execute function meet_dispatches();
