-- What a grant needs before it counts: a confirmation, a notice that is still accepted, a time that has not run
-- out, and a law. Workers of before go on: they see nothing of it, and no word of theirs is refused.

alter table purpose
  -- How long a grant lasts that says nothing else; none lasts longer. Null for no end.
  add column ttl_days integer,
  -- Channels on which a grant has to be confirmed by the person; * for all.
  add column double_opt_in text[] not null default '{}',
  add constraint purpose_lasts_a_day_or_more check (ttl_days >= 1);

alter table consent_event add column jurisdiction text collate "C";
alter table consent_current add column jurisdiction text collate "C";

-- A grant that was asked for and not confirmed is a word in the ledger, and never what stands.
alter table consent_event drop constraint consent_decision_is_known;
alter table consent_event add constraint consent_decision_is_known
  check (decision in ('granted', 'denied', 'withdrawn', 'pending')) not valid;
alter table consent_event validate constraint consent_decision_is_known;
alter table consent_current add constraint consent_current_is_decided
  check (decision in ('granted', 'denied', 'withdrawn')) not valid;
alter table consent_current validate constraint consent_current_is_decided;

alter table legal_state
  -- Who said it: a principal, else a trait, else an event that spoke of consent. Null for what was put in by hand.
  add column jurisdiction_source text,
  add constraint jurisdiction_source_is_known
    check (jurisdiction_source in ('declared', 'trait', 'event'));

create table consent_pending (
  workspace_id integer not null,
  profile_id text collate "C" not null,
  purpose text collate "C" not null,
  channel text collate "C" not null,
  consent_id text collate "C" not null,
  requested_at timestamptz not null,
  expires_at timestamptz not null,
  -- SHA-256 of what the person has to send back; null where another platform asks them.
  token_hash text collate "C",
  constraint consent_pending_is_one_per_purpose_and_channel primary key
    (workspace_id, profile_id, purpose, channel),
  constraint consent_pending_ends_after_it_began check (expires_at > requested_at)
);

create unique index consent_pending_token_hash on consent_pending (token_hash);

create table notice (
  workspace_id integer not null,
  id text collate "C" not null,
  version text collate "C" not null,
  language text collate "C" not null,
  -- The order of versions; all languages of a version share it.
  number integer not null,
  sha256 text collate "C" not null,
  text text not null,
  -- What it tells people about; a grant for anything else does not rest on it.
  purposes text[] not null,
  -- The oldest version whose grants still count once this one is out.
  accepts text collate "C" not null,
  author text not null,
  published_at timestamptz not null,
  constraint notice_pkey primary key (workspace_id, id, version, language),
  constraint notice_belongs_to_a_workspace foreign key (workspace_id) references workspace (id),
  constraint notice_is_about_something check (cardinality(purposes) > 0)
);

create trigger notice_is_append_only before update or delete on notice
  for each row execute function refuse_change_of_audit();
create trigger notice_is_never_truncated before truncate on notice
  for each statement execute function refuse_change_of_audit();

-- What the free ids of other platforms mean here.
create table consent_mapping (
  workspace_id integer not null,
  dialect text collate "C" not null,
  -- Empty for every source.
  source_id text collate "C" not null,
  consent_id text collate "C" not null,
  -- [{ purpose, channels }]; none: the id means nothing here, whatever it looks like.
  targets jsonb not null,
  author text not null,
  defined_at timestamptz not null,
  constraint consent_mapping_pkey primary key (workspace_id, dialect, source_id, consent_id),
  constraint consent_mapping_belongs_to_a_workspace foreign key (workspace_id) references workspace (id)
);

-- Keys that receipts of another platform are signed with.
create table receipt_key (
  workspace_id integer not null,
  -- Empty for every source.
  source_id text collate "C" not null,
  -- SHA-256 of the key.
  key_id text collate "C" not null,
  public_key text not null,
  author text not null,
  added_at timestamptz not null,
  constraint receipt_key_pkey primary key (workspace_id, source_id, key_id),
  constraint receipt_key_belongs_to_a_workspace foreign key (workspace_id) references workspace (id)
);

-- A merge brought a grant and a refusal of one person together: the refusal stands until they say a word anew.
create table consent_conflict (
  workspace_id integer not null,
  profile_id text collate "C" not null,
  grant_id text collate "C" not null,
  refusal_id text collate "C" not null,
  purpose text collate "C" not null,
  channel text collate "C" not null,
  found_at timestamptz not null,
  constraint consent_conflict_pkey primary key (workspace_id, profile_id, grant_id, refusal_id)
);

select slateboard_wall('consent_pending');
select slateboard_wall('notice');
select slateboard_wall('consent_mapping');
select slateboard_wall('receipt_key');
select slateboard_wall('consent_conflict');
revoke update, delete on notice from slateboard_app;
