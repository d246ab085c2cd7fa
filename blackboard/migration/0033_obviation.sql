-- What takes pending reactions back, and what has them rated anew.
alter table subscription
  drop constraint subscription_kind_is_known,
  add constraint subscription_kind_is_known check (kind in
    ('event', 'trait', 'crossing', 'need', 'consent', 'obviating_event', 'obviating_trait', 'rating'));
