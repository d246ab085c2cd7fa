-- What is parked is listed without reading what waits. Workers of before go on.

create index agenda_parked on agenda (workspace_id, position) where parked is not null;
