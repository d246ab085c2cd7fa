-- Follow-ups of all persons, newest first, are listed and tried again by hand; and a version in shadow may say that
-- an activation should wait. Workers of before go on: they neither list follow-ups nor say so.

create index follow_up_newest on follow_up (workspace_id, id);

-- What nobody has taken yet is little beside what was acknowledged over the years.
create index follow_up_untaken on follow_up (workspace_id, id) where state in ('pending', 'failed');

alter table policy_shadow_count
  drop constraint policy_shadow_direction_is_known,
  add constraint policy_shadow_direction_is_known check
    (direction in ('agrees', 'would_allow', 'would_hold', 'would_refuse'));
