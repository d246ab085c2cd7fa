-- What acts may cost. What is spent never exceeds the cap: the database holds that by itself, whoever books.
create table budget (
  workspace_id integer not null,
  name text collate "C" not null,
  -- What is counted, such as EUR cent: whole ones.
  unit text not null,
  cap bigint not null,
  spent bigint not null default 0,
  -- From then on nothing is spent; null is never.
  ends_at timestamptz,
  updated_at timestamptz not null,
  constraint budget_pkey primary key (workspace_id, name),
  constraint budget_is_never_overspent check (spent between 0 and cap),
  constraint budget_is_of_a_workspace foreign key (workspace_id) references workspace (id)
);

select slateboard_wall('budget');

-- What was spent of it and what came back.
create table budget_entry (
  workspace_id integer not null,
  budget text collate "C" not null,
  id bigint generated always as identity,
  kind text not null,
  amount bigint not null,
  -- What it was for, such as activation:<id>.
  reference text collate "C" not null,
  -- agent:<plugin>/<agent> or principal:<id>.
  by text not null,
  at timestamptz not null,
  constraint budget_entry_pkey primary key (workspace_id, budget, id),
  -- Whoever tries again books once.
  constraint budget_entry_is_booked_once unique (workspace_id, reference, kind),
  constraint budget_entry_kind_is_known check (kind in ('spend', 'refund')),
  constraint budget_entry_is_of_something check (amount > 0),
  constraint budget_entry_is_of_a_budget foreign key (workspace_id, budget)
    references budget (workspace_id, name)
);

select slateboard_wall('budget_entry');
revoke update, delete on budget_entry from slateboard_app;

alter table activation
  add column budget text collate "C",
  add column cost bigint,
  add constraint activation_costs_of_a_budget check ((budget is null) = (cost is null) and cost > 0);

-- What did not leave gives back what it took, by whatever way it comes to its end.
create function slateboard_refund() returns trigger language plpgsql as $$
begin
  with back as (
    insert into budget_entry (workspace_id, budget, kind, amount, reference, by, at)
    select e.workspace_id, e.budget, 'refund', e.amount, e.reference, e.by, new.updated_at
    from budget_entry e
    where e.workspace_id = new.workspace_id and e.reference = 'activation:' || new.id
      and e.kind = 'spend'
    on conflict on constraint budget_entry_is_booked_once do nothing
    returning workspace_id, budget, amount
  )
  update budget b set spent = b.spent - back.amount, updated_at = new.updated_at
  from back where b.workspace_id = back.workspace_id and b.name = back.budget;
  return null;
end $$;

create trigger activation_gives_back_what_it_took after update of state on activation
  for each row
  when (new.budget is not null and new.state in ('refused', 'failed', 'recalled')
    and old.state is distinct from new.state)
  execute function slateboard_refund();
