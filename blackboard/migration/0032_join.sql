-- Reactions that wait until several things have happened.

alter table agenda
  -- Which of its agent's triggers each cause came by, beside `causes`.
  add column slots smallint[] not null default '{}',
  -- How many different ones have to be there.
  add column need smallint not null default 1,
  -- How long it waits for them, in milliseconds.
  add column join_ms bigint,
  add constraint agenda_waits_for_others_only_so_long check (need = 1 or join_ms is not null);

alter table subscription
  add column slot smallint not null default 0,
  add column need smallint not null default 1,
  add column join_ms bigint;
