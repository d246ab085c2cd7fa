-- How plugins fare, summed over nodes: what they did, what went wrong last, and the strikes that may quarantine
-- them. Written at most once a second a node, beside the commits of reactions. Nothing in it is a person's data:
-- ids, codes, counts, and texts of plugins that were masked.
create table plugin_health (
  workspace_id integer not null,
  plugin_id text collate "C" not null,
  calls bigint not null default 0,
  items bigint not null default 0,
  failures bigint not null default 0,
  denials bigint not null default 0,
  bytes_out bigint not null default 0,
  busy_ms bigint not null default 0,
  -- Calls by how long they took; the bounds stand in core/model/pluginHealth.ts.
  latency bigint[] not null,
  last_error jsonb,
  -- Those of the last ten minutes, of the version in service.
  strikes jsonb not null default '[]',
  -- Why it was quarantined last, with the lines that it wrote before.
  quarantine jsonb,
  -- When a reaction of it last succeeded, and when it was last called.
  ok_at timestamptz,
  active_at timestamptz not null,
  constraint plugin_health_pkey primary key (workspace_id, plugin_id),
  constraint plugin_health_is_of_a_plugin foreign key (workspace_id, plugin_id)
    references plugin (workspace_id, id)
);

select slateboard_wall('plugin_health');
