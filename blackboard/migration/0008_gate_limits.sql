-- What the gate's limits ask of an activation, and what persons said to those that wait for them. Workers of
-- before propose without either and need not know.

alter table activation
  add column requires text[] not null default '{}',
  add column risk double precision,
  add constraint activation_risk_is_a_share check (risk between 0 and 1);

-- Append-only: what counts is the latest word, and the earlier ones tell what was decided on them.
create table activation_approval (
  workspace_id integer not null,
  profile_id text collate "C" not null,
  activation_id text collate "C" not null,
  id text collate "C" not null,
  verdict text not null,
  reason text not null,
  -- Who said it; never who proposed the activation.
  principal_id text collate "C" not null,
  decided_at timestamptz not null,
  constraint activation_approval_pkey primary key (workspace_id, profile_id, activation_id, id),
  constraint activation_approval_verdict_is_known check (verdict in ('approved', 'refused')),
  constraint activation_approval_gives_a_reason check (reason <> '')
);

-- What waits for a person is listed over all profiles, and is little beside what was ever held.
create index activation_held on activation (workspace_id, id) where state = 'held';

select slateboard_wall('activation_approval');
revoke update, delete on activation_approval from slateboard_app;
