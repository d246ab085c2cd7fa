-- Processor time of the plugin's calls, in milliseconds; what it used before this was not counted.
alter table plugin_health add column cpu_ms bigint not null default 0;
