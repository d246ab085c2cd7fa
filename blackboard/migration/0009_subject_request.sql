-- What data subjects ask for, and what was done about it. Workers of before know nothing of it and need not.
--
-- Nothing in these tables tells who a person is: profiles by id, ways and reasons by their names. So they outlive an
-- erasure, and show that it was answered.

create table subject_request (
  workspace_id integer not null,
  id text collate "C" not null,
  kind text not null,
  state text not null,
  -- The profiles that the person's identifiers led to when it was opened; empty when nobody was found.
  profile_ids text[] not null,
  jurisdiction text,
  -- The law whose clocks run, such as gdpr.
  regulation text not null,
  received_at timestamptz not null,
  acknowledge_by timestamptz,
  acknowledged_at timestamptz,
  due_at timestamptz not null,
  extension_reason text,
  extended_at timestamptz,
  verification text not null default 'none',
  refusals jsonb not null default '[]',
  -- What was done to answer it; a request that nothing was done for cannot be called completed.
  acts integer not null default 0,
  -- Of an objection.
  purpose text,
  -- Of a review: the decision contested.
  decision_profile_id text collate "C",
  decision_id text collate "C",
  -- The UUID that a controller gave it over OpenDSR, and a blind digest of whom it named.
  controller_request_id uuid,
  controller_digest uuid,
  opened_by text not null,
  -- When it was found to be late.
  overdue_at timestamptz,
  finished_at timestamptz,
  constraint subject_request_pkey primary key (workspace_id, id),
  constraint subject_request_belongs_to_a_workspace foreign key (workspace_id) references workspace (id),
  constraint subject_request_of_a_controller_is_one unique (workspace_id, controller_request_id),
  constraint subject_request_kind_is_known check (kind in
    ('access', 'portability', 'rectification', 'restriction', 'objection', 'automated_decision_review', 'erasure')),
  constraint subject_request_verification_is_known check (verification in
    ('none', 'asserted', 'verified', 'strong')),
  constraint subject_request_is_due_after_it_came check (due_at > received_at),
  constraint subject_request_is_extended_with_a_reason check
    ((extended_at is null) = (extension_reason is null)),
  constraint subject_request_finishes_when_it_ends check
    ((finished_at is null) = (state in ('received', 'identity_unverified', 'in_progress'))),
  constraint subject_request_is_not_completed_without_an_act check
    (state not in ('completed', 'partially_completed') or acts > 0),
  constraint subject_request_is_not_refused_without_a_reason check
    (state not in ('refused', 'partially_completed') or refusals <> '[]'),
  constraint objection_names_a_purpose check ((kind = 'objection') = (purpose is not null)),
  constraint review_names_a_decision check
    ((kind = 'automated_decision_review') = (decision_id is not null and decision_profile_id is not null))
);

create index subject_request_open on subject_request (due_at)
  where state in ('received', 'identity_unverified', 'in_progress');

-- The steps of core/model/subjectRequest.ts; a test compares both.
create function subject_request_may_become(before text, after text) returns boolean
  language sql immutable parallel safe
  return case before
    when 'received' then after in ('identity_unverified', 'in_progress', 'refused', 'cancelled', 'expired')
    when 'identity_unverified' then after in ('in_progress', 'refused', 'cancelled', 'expired')
    when 'in_progress' then after in ('completed', 'partially_completed', 'refused', 'cancelled')
    else false
  end;

create function guard_subject_request() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'received' then
      raise exception 'a request begins as received, not as %', new.state
        using errcode = 'restrict_violation';
    end if;
    return new;
  end if;
  if new.state <> old.state and not subject_request_may_become(old.state, new.state) then
    raise exception 'a request that is % does not become %', old.state, new.state
      using errcode = 'restrict_violation';
  end if;
  if old.finished_at is not null then
    raise exception 'a request that has ended stays as it is' using errcode = 'restrict_violation';
  end if;
  if (new.kind, new.received_at, new.opened_by, new.regulation, new.controller_request_id)
    is distinct from (old.kind, old.received_at, old.opened_by, old.regulation, old.controller_request_id) then
    raise exception 'what a request asks, and since when, stays as it was said'
      using errcode = 'restrict_violation';
  end if;
  if new.due_at <> old.due_at and (old.extended_at is not null or new.extended_at is null
    or new.extended_at > old.due_at) then
    raise exception 'a request is extended once, with a reason, before it is due'
      using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

create trigger subject_request_takes_known_steps before insert or update on subject_request
  for each row execute function guard_subject_request();

create table subject_request_event (
  workspace_id integer not null,
  request_id text collate "C" not null,
  id text collate "C" not null,
  at timestamptz not null,
  actor text not null,
  act text not null,
  state text not null,
  -- Codes, counts and ids; never personal data.
  details jsonb not null default '{}',
  constraint subject_request_event_pkey primary key (workspace_id, request_id, id)
);

create trigger subject_request_event_is_append_only before update or delete on subject_request_event
  for each row execute function refuse_change_of_audit();
create trigger subject_request_event_is_never_truncated before truncate on subject_request_event
  for each statement execute function refuse_change_of_audit();

-- What a controller is to be told over OpenDSR. Sent until it is taken, or for two days.
create table subject_request_callback (
  workspace_id integer not null,
  request_id text collate "C" not null,
  id text collate "C" not null,
  url text not null,
  request_status text not null,
  state text not null,
  attempts smallint not null default 0,
  due_at timestamptz not null,
  last_error text,
  created_at timestamptz not null,
  constraint subject_request_callback_pkey primary key (workspace_id, request_id, id),
  constraint subject_request_callback_state_is_known check (state in ('waiting', 'sent', 'failed'))
);

create index subject_request_callback_waiting on subject_request_callback (due_at) where state = 'waiting';

-- Where a controller wants to be told.
create table subject_request_listener (
  workspace_id integer not null,
  request_id text collate "C" not null,
  url text not null,
  constraint subject_request_listener_pkey primary key (workspace_id, request_id, url)
);

-- The RSA key that answers are signed with where no other is configured, sealed under the master key.
create table open_dsr_key (
  workspace_id integer not null,
  domain text collate "C" not null,
  wrapped bytea not null,
  sealed bytea not null,
  certificate text not null,
  created_at timestamptz not null,
  constraint open_dsr_key_pkey primary key (workspace_id, domain),
  constraint open_dsr_key_belongs_to_a_workspace foreign key (workspace_id) references workspace (id)
);

select slateboard_wall('subject_request');
select slateboard_wall('subject_request_event');
select slateboard_wall('subject_request_callback');
select slateboard_wall('subject_request_listener');
select slateboard_wall('open_dsr_key');
revoke delete on subject_request from slateboard_app;
revoke update, delete on subject_request_event from slateboard_app;
