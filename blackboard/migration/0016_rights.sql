-- Wrong identifiers are put right, and erasures may keep what a law demands. Running workers of before know neither:
-- stop them before the first correction of an identifier.

-- What a person said is not theirs: the blind index of an identifier, and no value. It may be somebody else's, and
-- does not come back to this person by an event that carries both.
create table disowned (
  workspace_id integer not null,
  profile_id text collate "C" not null,
  namespace text collate "C" not null,
  hash uuid not null,
  request_id text collate "C" not null,
  at timestamptz not null,
  constraint disowned_pkey primary key (workspace_id, profile_id, hash, namespace)
);

select slateboard_wall('disowned');

-- Set on every profile of a person who disowned something. It stands on the row that every writer of a person
-- locks, as erased_at does, so that ingest looks up what was disowned for those few alone.
alter table profile add column disowned_at timestamptz;

alter table change drop constraint change_kind_is_known;
alter table change add constraint change_kind_is_known
  check (kind in ('trait', 'merge', 'consent', 'hold', 'identifier')) not valid;

-- A trait that outlives the erasure of its person because a law demands it (Art. 17(3)). Its value is in the vault
-- under the retention's own id, sealed with a key of its own: nothing that reads persons comes upon it, and ending
-- the retention destroys that key.
create table retention (
  workspace_id integer not null,
  id text collate "C" not null,
  -- The empty profile of the person.
  profile_id text collate "C" not null,
  receipt_id text collate "C" not null,
  request_id text collate "C",
  -- `trait:<key>`, as refusals name it.
  part text not null,
  reason text not null,
  kept_at timestamptz not null,
  ended_at timestamptz,
  ended_by text,
  constraint retention_pkey primary key (workspace_id, id),
  constraint retention_is_for_a_known_reason check
    (reason in ('legal_obligation', 'legal_claims', 'public_interest', 'freedom_of_expression')),
  constraint retention_is_ended_by_somebody check ((ended_at is null) = (ended_by is null))
);

create index retention_of_person on retention (workspace_id, profile_id);
create index retention_of_erasure on retention (workspace_id, receipt_id);
create index retention_of_request on retention (workspace_id, request_id);

select slateboard_wall('retention');
revoke delete on retention from slateboard_app;
