-- Rights taken further: a warning before a request is due, a review of what an agent concluded, and a guardian's grant
-- beside the person's own word. Stop running workers of before: they name the old key of consent_current, and record
-- no consent until they are replaced.

alter table subject_request
  -- When it was found to fall due soon; of the deadline that runs.
  add column warned_at timestamptz,
  -- Of a review: the trait whose value is contested.
  add column trait text collate "C";

alter table subject_request drop constraint review_names_a_decision;
alter table subject_request add constraint review_names_a_decision_or_a_trait
  check ((kind = 'automated_decision_review') =
      ((decision_id is not null and decision_profile_id is not null) or trait is not null)
    and (decision_id is null or trait is null)) not valid;
alter table subject_request validate constraint review_names_a_decision_or_a_trait;

-- A quarter of its term before it is due, and at most a week. In seconds, since how long a day is depends on the place.
create function subject_request_warns_at(received timestamptz, due timestamptz) returns timestamptz
  language sql stable parallel safe
  return due - make_interval(secs => least(extract(epoch from due - received)::double precision / 4, 604800));

alter table consent_current
  -- A guardian's grant stands beside the person's own word, which may not take its place. Every other word is their
  -- own or a refusal, and a refusal ends both.
  add column guardian boolean not null default false,
  add constraint consent_of_a_guardian_is_a_grant check (not guardian or decision = 'granted');
update consent_current set guardian = true
where decision = 'granted' and proof ->> 'method' in ('parental:signed_form', 'parental:payment_card',
  'parental:phone_call', 'parental:video_call', 'parental:identity_document', 'parental:face_match',
  'parental:knowledge_questions');
alter table consent_current
  drop constraint consent_is_one_per_purpose_and_channel,
  add constraint consent_is_one_per_purpose_channel_and_speaker primary key
    (workspace_id, profile_id, purpose, channel, guardian);
