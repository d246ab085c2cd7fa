-- How fresh what an agent reads has to be: its reactions wait as stale until it is refreshed.

alter table subscription
  drop constraint subscription_kind_is_known,
  add constraint subscription_kind_is_known
    check (kind in ('event', 'trait', 'crossing', 'need', 'consent')),
  -- Of a need: milliseconds that the trait may be old; null where it only has to be there.
  add column max_age_ms bigint;

alter table agenda
  drop constraint agenda_parked_is_known,
  add constraint agenda_parked_is_known check (parked in ('dead', 'loop', 'halted', 'stale'));
