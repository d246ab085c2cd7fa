-- Erasure: what stands in place of a person who was erased, and the receipt of it. Running workers of before
-- go on; they do not know tombstones, so stop them before the first erasure.

-- Set together with legal_state.erased_at. It stands on the row that every writer of a person locks, because
-- who waited for that lock sees the newest version of the locked row and of no other.
alter table profile add column erased_at timestamptz;

-- Identifiers by which nobody is to be known again: the same blind index as in `identifier`, and no value.
create table tombstone (
  workspace_id integer not null,
  namespace text collate "C" not null,
  hash uuid not null,
  receipt_id text collate "C" not null,
  erased_at timestamptz not null,
  -- From when on the person is let in again; what happened before stays out for ever. Null: not at all.
  opened_at timestamptz,
  opened_by text,
  constraint tombstone_pkey primary key (workspace_id, hash, namespace),
  constraint tombstone_is_opened_by_somebody check ((opened_at is null) = (opened_by is null))
);

create index tombstone_of_erasure on tombstone (workspace_id, receipt_id);

-- `receipt` is the signed statement as canonical JSON: counts and digests, and nothing of the person.
create table erasure_receipt (
  workspace_id integer not null,
  profile_id text collate "C" not null,
  id text collate "C" not null,
  members text[] not null,
  request_id text collate "C",
  receipt text not null,
  digest text not null,
  at timestamptz not null,
  constraint erasure_receipt_pkey primary key (workspace_id, profile_id, id)
);

create index erasure_receipt_by_id on erasure_receipt (workspace_id, id);

create trigger erasure_receipt_is_append_only before update or delete on erasure_receipt
  for each row execute function refuse_change_of_audit();
create trigger erasure_receipt_is_never_truncated before truncate on erasure_receipt
  for each statement execute function refuse_change_of_audit();

select slateboard_wall('tombstone');
select slateboard_wall('erasure_receipt');
revoke delete on tombstone from slateboard_app;
revoke update, delete on erasure_receipt from slateboard_app;

-- What of a proof shows that consent was given (Art. 7(1)) without naming who gave it. A list of what stays,
-- so that what later proofs carry is blanked until somebody puts it here.
create function slateboard_bare_proof(proof jsonb) returns jsonb
language sql immutable set search_path from current as $$
  select coalesce(jsonb_object_agg(key, value), '{}'::jsonb) from jsonb_each(proof)
  where key in ('method', 'noticeId', 'noticeVersion', 'noticeHash', 'language')
$$;

-- The ledger stays append-only, but for one step: a word of a person who was erased loses what names them.
create function guard_consent_event() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
    and to_jsonb(new) - 'proof' = to_jsonb(old) - 'proof'
    and new.proof = slateboard_bare_proof(old.proof)
    and exists (
      select from legal_state l
      where l.workspace_id = old.workspace_id and l.profile_id = old.profile_id
        and l.erased_at is not null)
  then
    return new;
  end if;
  raise exception '% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'restrict_violation';
end $$;

drop trigger consent_event_is_append_only on consent_event;
create trigger consent_event_is_append_only before update or delete on consent_event
  for each row execute function guard_consent_event();

-- The platform may not update the ledger; this step of it is done as its owner, for the workspace named alone.
create function slateboard_bare_ledger(workspace integer, profiles text[]) returns bigint
language plpgsql security definer set search_path from current as $$
declare
  bared bigint;
begin
  if workspace is null or profiles is null or workspace is distinct from slateboard_workspace() then
    raise exception 'the ledger of workspace % is not bared from here', workspace;
  end if;
  update consent_event e set proof = slateboard_bare_proof(e.proof)
  where e.workspace_id = workspace and e.profile_id = any(profiles)
    and e.proof <> slateboard_bare_proof(e.proof);
  get diagnostics bared = row_count;
  return bared;
end $$;

-- The same for what was said to a held activation: who said it and when stays, the words go.
create function slateboard_bare_approvals(workspace integer, profiles text[]) returns bigint
language plpgsql security definer set search_path from current as $$
declare
  bared bigint;
begin
  if workspace is null or profiles is null or workspace is distinct from slateboard_workspace() then
    raise exception 'the approvals of workspace % are not bared from here', workspace;
  end if;
  update activation_approval a set reason = 'erased'
  where a.workspace_id = workspace and a.profile_id = any(profiles) and a.reason <> 'erased'
    and exists (
      select from legal_state l
      where l.workspace_id = a.workspace_id and l.profile_id = a.profile_id
        and l.erased_at is not null);
  get diagnostics bared = row_count;
  return bared;
end $$;

revoke execute on function slateboard_bare_ledger(integer, text[]) from public;
revoke execute on function slateboard_bare_approvals(integer, text[]) from public;
grant execute on function slateboard_bare_ledger(integer, text[]) to slateboard_app;
grant execute on function slateboard_bare_approvals(integer, text[]) to slateboard_app;
