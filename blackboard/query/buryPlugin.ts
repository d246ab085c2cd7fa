import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Deletes a plugin's versions, approvals, rollouts, health, outcomes, weights and subscriptions, and leaves its row as a tombstone. The
 * traits that it owned are nobody's from now on: their class stays, so that what others wrote of them is kept as
 * carefully.
 */
export const buryPlugin = statement<
  { workspaceId: number; id: string; author: string; at: string },
  { versions: number; traits: number }
>(
  (arg) => sql`
    with versions as (
      delete from plugin_version
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.id}::text
      returning 1
    ), approvals as (
      delete from plugin_approval
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.id}::text
    ), health as (
      delete from plugin_health
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.id}::text
    ), rollouts as (
      delete from plugin_rollout
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.id}::text
    ), outcomes as (
      delete from agent_outcome
      where workspace_id = ${arg.workspaceId}::int and split_part(agent, '/', 1) = ${arg.id}::text
    ), weights as (
      delete from agent_weight
      where workspace_id = ${arg.workspaceId}::int and split_part(agent, '/', 1) = ${arg.id}::text
    ), silent as (
      delete from subscription
      where workspace_id = ${arg.workspaceId}::int and split_part(agent, '/', 1) = ${arg.id}::text
    ), timeless as (
      delete from schedule
      where workspace_id = ${arg.workspaceId}::int and split_part(agent, '/', 1) = ${arg.id}::text
    ), disowned as (
      update trait_definition
      set version = version + 1, schema = null, purposes = '{}', owner = null, owners = '{}',
        description = '', conflict_rule = 'latest', merge_rule = 'latest', shares = null, freshness_ms = null,
        ttl_ms = null, opened_at = null, infers = null, registered = false, author = ${arg.author}::text,
        updated_at = ${arg.at}::timestamptz
      where workspace_id = ${arg.workspaceId}::int and split_part(owner, '/', 1) = ${arg.id}::text
      returning *
    ), told as (
      insert into trait_definition_version (workspace_id, key, version, data_class, schema, purposes,
        owner, owners, description, conflict_rule, merge_rule, freshness_ms, ttl_ms, infers, registered,
        author, reason, at)
      select workspace_id, key, version, data_class, schema, purposes, owner, owners, description,
        conflict_rule, merge_rule, freshness_ms, ttl_ms, infers, registered, author,
        'its plugin was purged', updated_at
      from disowned
    ), tombstone as (
      update plugin
      set state = 'purged', digest = null, previous_digest = null, candidate_digest = null,
        candidate_by = null, candidate_at = null, candidate_share = null, reason = null, updated_at = ${arg.at}::timestamptz
      where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}::text
    )
    select (select count(*) from versions)::int as versions,
      (select count(*) from disowned)::int as traits`,
)
