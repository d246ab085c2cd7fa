-- Signed statements of what the audit chain held. `peaks` are the roots of the perfect subtrees of the Merkle
-- tree over the entries' hashes, from which the next checkpoint goes on without reading what came before.

create table audit_checkpoint (
  workspace_id integer not null,
  size bigint not null,
  root text not null,
  peaks text[] not null,
  head text not null,
  at timestamptz not null,
  key_id text not null,
  signature text not null,
  constraint audit_checkpoint_pkey primary key (workspace_id, size)
);

create trigger audit_checkpoint_is_append_only before update or delete on audit_checkpoint
  for each row execute function refuse_change_of_audit();
create trigger audit_checkpoint_is_never_truncated before truncate on audit_checkpoint
  for each statement execute function refuse_change_of_audit();

select slateboard_wall('audit_checkpoint');
revoke update, delete on audit_checkpoint from slateboard_app;
