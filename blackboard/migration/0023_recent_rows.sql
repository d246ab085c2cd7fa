-- What happened lately, for the rehearsal of plugins. Both logs are written in the order of time, so a summary per
-- block range finds the newest rows at next to no cost for those who write; a B-tree would cost every event.
create index event_received on event using brin (received_at);
create index change_made on change using brin (at);
