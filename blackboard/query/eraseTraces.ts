import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Takes away what is kept of profiles. A message's key is made of its id by SHA-256, which can be guessed where the
 * id is an address, so keys go with the events. The caller holds the profiles and has moved their legal state.
 */
export const eraseTraces = statement<
  { workspaceId: number; ids: readonly string[] },
  {
    event: number
    message: number
    change: number
    vault: number
    profileKey: number
    agenda: number
    consentCurrent: number
    consentPending: number
    consentConflict: number
    disowned: number
    profileState: number
    traitConflict: number
    intent: number
  }
>(
  (arg) => sql`
    with event_gone as (
      delete from event
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      returning message_id
    ), message_key as (
      select substr(encode(sha256(convert_to(message_id, 'UTF8')), 'hex'), 1, 32)::uuid as key
      from event_gone
      union
      select message_id::uuid from event_gone
      where message_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
    ), message_gone as (
      delete from message
      where workspace_id = ${arg.workspaceId}::int and key = any(array(select key from message_key))
      returning 1
    ), change_gone as (
      delete from change
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      returning 1
    ), vault_gone as (
      delete from vault
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      returning 1
    ), key_gone as (
      delete from profile_key
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      returning 1
    ), agenda_gone as (
      delete from agenda
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      returning 1
    ), consent_gone as (
      delete from consent_current
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      returning 1
    ), pending_gone as (
      delete from consent_pending
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      returning 1
    ), conflict_gone as (
      delete from consent_conflict
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      returning 1
    ), disowned_gone as (
      delete from disowned
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      returning 1
    ), state_gone as (
      delete from profile_state
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      returning 1
    ), intents_gone as (
      delete from intent where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[]) returning 1
    ), words_gone as (
      delete from trait_conflict where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[]) returning 1
    )
    select (select count(*) from event_gone)::int as event,
      (select count(*) from message_gone)::int as message,
      (select count(*) from change_gone)::int as change,
      (select count(*) from vault_gone)::int as vault,
      (select count(*) from key_gone)::int as "profileKey",
      (select count(*) from agenda_gone)::int as agenda,
      (select count(*) from consent_gone)::int as "consentCurrent",
      (select count(*) from pending_gone)::int as "consentPending",
      (select count(*) from conflict_gone)::int as "consentConflict",
      (select count(*) from disowned_gone)::int as disowned,
      (select count(*) from state_gone)::int as "profileState",
      (select count(*) from words_gone)::int as "traitConflict",
      (select count(*) from intents_gone)::int as intent`,
)
