-- That a grant was confirmed is part of the proof that it was given, so it outlives an erasure as well.
create or replace function slateboard_bare_proof(proof jsonb) returns jsonb
language sql immutable set search_path from current as $$
  select coalesce(jsonb_object_agg(key, value), '{}'::jsonb) from jsonb_each(proof)
  where key in ('method', 'noticeId', 'noticeVersion', 'noticeHash', 'language', 'confirmedAt', 'confirms')
$$;
