-- True while the worker's session holds a lock that falls with its process; see core/flow/react/presence.ts.
alter table worker add column is_present boolean not null default false;
