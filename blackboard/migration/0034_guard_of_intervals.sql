-- Provenance is large, and few preconditions ask for what stands in it.
alter table subscription add column asks_intervals boolean not null default false;
alter table schedule add column asks_intervals boolean not null default false;
