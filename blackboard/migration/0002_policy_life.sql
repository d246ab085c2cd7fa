-- The life of a policy version: draft, proposed, (shadow), approved, active, retired. Workers of before go on
-- reading the active version as they did; writing versions is new.
--
-- The database is the judge here, because what it guards is a second person's consent to what the first one
-- wrote: no program, and nobody with a console, gets past it by mistake.

alter table policy_version
  drop constraint policy_author_does_not_approve,
  drop column approver,
  -- Judged against the version that it would replace; what widens access needs two approvals, else one.
  add column widens boolean,
  add column compared_with integer,
  -- What it replaced when it first came into force: the way back, one step at a time.
  add column previous integer,
  add column proposed_at timestamptz,
  add column retired_at timestamptz,
  -- In force without its approvals, and until when; the time goes once they are there.
  add column break_glass_by text,
  add column break_glass_reason text,
  add column break_glass_until timestamptz,
  add constraint policy_version_names_its_author_once unique (workspace_id, number, author),
  add constraint policy_is_judged_before_it_is_proposed check
    (widens is not null or author = 'system' or status in ('draft', 'retired')),
  add constraint policy_previous_is_a_version foreign key (workspace_id, previous)
    references policy_version (workspace_id, number),
  add constraint policy_compares_with_a_version foreign key (workspace_id, compared_with)
    references policy_version (workspace_id, number),
  add constraint policy_glass_is_broken_by_someone_for_a_reason check
    ((break_glass_by is null) = (break_glass_reason is null)),
  add constraint policy_glass_is_broken_for_a_day_at_most check
    (break_glass_until is null or (break_glass_reason is not null and previous is not null
      and break_glass_until <= activated_at + interval '24 hours'));

create unique index policy_has_one_shadow_version on policy_version (workspace_id)
  where status = 'shadow';

-- One row an approval: two of them are two people, none of them the author.
create table policy_approval (
  workspace_id integer not null,
  number integer not null,
  approver text not null,
  author text not null,
  approved_at timestamptz not null,
  comment text,
  constraint policy_approval_pkey primary key (workspace_id, number, approver),
  constraint policy_approval_names_the_author_of_its_version foreign key (workspace_id, number, author)
    references policy_version (workspace_id, number, author),
  constraint policy_author_does_not_approve check (approver <> author),
  constraint policy_is_approved_by_a_principal check (approver like 'principal:%')
);

-- Which version came into force when, by whom and why: also what was rolled back or ran out.
create table policy_enactment (
  workspace_id integer not null,
  id text collate "C" not null,
  number integer not null,
  replaced integer,
  kind text not null,
  actor text not null,
  reason text,
  enacted_at timestamptz not null,
  constraint policy_enactment_pkey primary key (workspace_id, id),
  constraint policy_enactment_is_of_a_version foreign key (workspace_id, number)
    references policy_version (workspace_id, number),
  constraint policy_enactment_kind_is_known check
    (kind in ('activation', 'break_glass', 'rollback', 'fallback'))
);

-- How often a version in shadow would have decided otherwise.
create table policy_shadow_count (
  workspace_id integer not null,
  number integer not null,
  purpose text not null,
  channel text not null,
  direction text not null,
  decisions bigint not null,
  constraint policy_shadow_count_pkey primary key (workspace_id, number, purpose, channel, direction),
  constraint policy_shadow_count_is_of_a_version foreign key (workspace_id, number)
    references policy_version (workspace_id, number),
  constraint policy_shadow_direction_is_known check
    (direction in ('agrees', 'would_allow', 'would_refuse'))
);

create function refuse_policy_change(sentence text) returns void language plpgsql as $$
begin
  raise exception 'policy_version: %', sentence
    using errcode = 'restrict_violation', constraint = sentence;
end $$;

create function has_its_approvals(version policy_version) returns boolean language sql stable as $$
  select version.author = 'system' or count(*) >= case when version.widens then 2 else 1 end
  from policy_approval a
  where a.workspace_id = version.workspace_id and a.number = version.number
$$;

create function guard_new_policy_version() returns trigger language plpgsql as $$
begin
  -- The version that a workspace starts with is ours.
  if new.status <> 'draft' and not (new.status = 'active' and new.number = 1 and new.author = 'system') then
    perform refuse_policy_change('policy_begins_as_a_draft');
  end if;
  return new;
end $$;

create function guard_policy_version() returns trigger language plpgsql as $$
begin
  if (new.workspace_id, new.number, new.title, new.document, new.document_sha256, new.author, new.reason,
      new.created_at)
    is distinct from
     (old.workspace_id, old.number, old.title, old.document, old.document_sha256, old.author, old.reason,
      old.created_at)
    or (old.previous is not null and new.previous is distinct from old.previous)
    or (old.break_glass_reason is not null and (new.break_glass_by, new.break_glass_reason)
      is distinct from (old.break_glass_by, old.break_glass_reason))
  then
    perform refuse_policy_change('policy_version_never_changes');
  end if;
  if old.widens and new.widens is not true and new.compared_with is not distinct from old.compared_with then
    perform refuse_policy_change('policy_widens_whatever_it_says');
  end if;
  if new.status = old.status then
    if new.break_glass_until is distinct from old.break_glass_until
      and not (new.break_glass_until is null and has_its_approvals(new))
    then
      perform refuse_policy_change('policy_glass_is_mended_by_approvals');
    end if;
    return new;
  end if;
  if (old.status, new.status) not in (
    ('draft', 'proposed'), ('draft', 'retired'),
    ('proposed', 'shadow'), ('proposed', 'approved'), ('proposed', 'active'), ('proposed', 'retired'),
    ('shadow', 'approved'), ('shadow', 'active'), ('shadow', 'retired'),
    ('approved', 'active'), ('approved', 'retired'),
    ('active', 'retired'), ('retired', 'active')
  ) then
    perform refuse_policy_change('policy_status_goes_its_way');
  end if;
  if new.status = 'approved' and not has_its_approvals(new) then
    perform refuse_policy_change('policy_needs_its_approvals');
  end if;
  if new.status = 'active' then
    perform guard_policy_activation(old, new);
  end if;
  return new;
end $$;

create function guard_policy_activation(was policy_version, becomes policy_version) returns void
language plpgsql as $$
begin
  if becomes.activated_at is null then
    perform refuse_policy_change('policy_activation_has_a_time');
  end if;
  if was.status = 'retired' then
    if was.activated_at is null or becomes.break_glass_until is not null or not has_its_approvals(becomes) then
      perform refuse_policy_change('policy_returns_only_if_it_was_approved_and_active');
    end if;
    return;
  end if;
  if becomes.compared_with is distinct from becomes.previous then
    perform refuse_policy_change('policy_is_judged_against_what_it_replaces');
  end if;
  if becomes.break_glass_until is null and (was.status <> 'approved' or not has_its_approvals(becomes)) then
    perform refuse_policy_change('policy_needs_its_approvals');
  end if;
end $$;

create function guard_policy_approval() returns trigger language plpgsql as $$
begin
  -- Locks the version, so that it does not move on while it is being approved.
  perform 1 from policy_version v
  where v.workspace_id = new.workspace_id and v.number = new.number
    and (v.status in ('proposed', 'shadow', 'approved')
      or (v.status = 'active' and v.break_glass_until is not null))
  for no key update;
  if not found then
    perform refuse_policy_change('policy_is_approved_once_proposed');
  end if;
  return new;
end $$;

create trigger policy_begins_as_a_draft before insert on policy_version
  for each row execute function guard_new_policy_version();
create trigger policy_version_never_changes before update on policy_version
  for each row execute function guard_policy_version();
create trigger policy_version_is_never_deleted before delete on policy_version
  for each row execute function refuse_change_of_audit();
create trigger policy_version_is_never_truncated before truncate on policy_version
  for each statement execute function refuse_change_of_audit();
create trigger policy_is_approved_once_proposed before insert on policy_approval
  for each row execute function guard_policy_approval();
create trigger policy_approval_is_append_only before update or delete on policy_approval
  for each row execute function refuse_change_of_audit();
create trigger policy_approval_is_never_truncated before truncate on policy_approval
  for each statement execute function refuse_change_of_audit();
create trigger policy_enactment_is_append_only before update or delete on policy_enactment
  for each row execute function refuse_change_of_audit();
create trigger policy_enactment_is_never_truncated before truncate on policy_enactment
  for each statement execute function refuse_change_of_audit();
