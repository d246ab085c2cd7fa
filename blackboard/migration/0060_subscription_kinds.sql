-- All that agents are woken by: intents and objectives came at the same time, and each named only its own.
alter table subscription
  drop constraint subscription_kind_is_known,
  add constraint subscription_kind_is_known check (kind in ('event', 'trait', 'crossing', 'need', 'consent', 'intent',
    'outcome', 'objective', 'obviating_event', 'obviating_trait', 'rating'));
