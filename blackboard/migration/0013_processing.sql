-- What is derived from a person's data inherits what binds its sources; what is known of a person's age; and
-- who used which data for which purpose, counted a day. Running workers go on: every new column has a default.

alter table trait_definition
  -- Categories of GDPR Art. 9 that the values tell something of; null where nobody said, '{}' where an
  -- officer said that they tell nothing.
  add column infers text[],
  -- `purposes` as far as the sources of the trait's writer allow; null where these are no limit.
  add column effective_purposes text[],
  -- Why the values count as special although their class is another, such as `infers:health`.
  add column special_by text[] not null default '{}',
  add constraint trait_infers_known_categories check (infers <@ array['health', 'religion', 'politics',
    'orientation', 'ethnicity', 'union', 'biometric', 'genetic']);

alter table trait_definition_version add column infers text[];

alter table legal_state
  -- What sources and persons said of the age, coarse; `minor_band` is what follows from it.
  add column age_claims jsonb not null default '[]',
  add constraint legal_state_age_claims_are_an_array check (jsonb_typeof(age_claims) = 'array');

-- One row a day for each use that differs: thousands of uses are one count, so that counting costs nothing.
create table observed_access (
  workspace_id integer not null,
  day date not null,
  -- `agent:<plugin>/<agent>` or `principal:<id>`.
  actor text collate "C" not null,
  kind text not null,
  purpose text collate "C" not null,
  -- `trait:<key>`, `property:<name>`, `identifier:<namespace>`, `host:<name>` and the like; never a value.
  object text collate "C" not null,
  data_class text not null,
  count bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  constraint observed_access_pkey primary key (workspace_id, day, actor, kind, purpose, object),
  constraint observed_access_kind_is_known check (kind in ('read', 'write', 'send', 'export')),
  constraint observed_access_data_class_is_known check
    (data_class in ('none', 'pseudonymous', 'contact', 'sensitive', 'special')),
  constraint observed_access_counts_something check (count > 0)
);

select slateboard_wall('observed_access');
