-- The trace that an activation is part of, as the text of a W3C traceparent: its delivery is told to be part of it.
alter table activation add column trace text collate "C",
  add constraint activation_trace_is_a_traceparent check (trace ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$');
