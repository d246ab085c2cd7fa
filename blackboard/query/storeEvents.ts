import { sql } from 'drizzle-orm/sql/sql'
import { columnsOf } from '../columns.ts'
import { statement, type Handle } from '../statement.ts'

/** An event as it is stored; JSON as text, the sealed part in base64, times in milliseconds since 1970. */
export interface EventRow {
  home: string
  id: string
  source: string
  message: string
  type: string
  name: string
  properties: string | null
  traits: string | null
  context: string | null
  sealed: string | null
  at: number
  original: number | null
  sent: number | null
  received: number
}

const columns = [
  'home',
  'id',
  'source',
  'message',
  'type',
  'name',
  'properties',
  'traits',
  'context',
  'sealed',
  'at',
  'original',
  'sent',
  'received',
] as const

type Columns = { [K in (typeof columns)[number]]: EventRow[K][] }

const insert = statement<Columns & { workspaceId: number }, never>(
  (arg) => sql`
    insert into event (workspace_id, profile_id, id, source_id, message_id, type, name, properties,
      traits, context, sealed, occurred_at, original_timestamp, sent_at, received_at)
    select ${arg.workspaceId}::int, home, id, source, message, type, name, properties::jsonb,
      traits::jsonb, context::jsonb, decode(sealed, 'base64'), to_timestamp(at / 1000),
      to_timestamp(original / 1000), to_timestamp(sent / 1000), to_timestamp(received / 1000)
    from unnest(${arg.home}::text[], ${arg.id}::text[], ${arg.source}::text[], ${arg.message}::text[],
      ${arg.type}::text[], ${arg.name}::text[], ${arg.properties}::text[], ${arg.traits}::text[],
      ${arg.context}::text[], ${arg.sealed}::text[], ${arg.at}::float8[], ${arg.original}::float8[],
      ${arg.sent}::float8[], ${arg.received}::float8[])
      as new (home, id, source, message, type, name, properties, traits, context, sealed, at, original,
        sent, received)`,
)

/** Stores events on the profile that they arrived on. */
export const storeEvents = (
  handle: Handle,
  { workspaceId, events }: { workspaceId: number; events: readonly EventRow[] },
): Promise<never[]> => insert(handle, { workspaceId, ...columnsOf(events, columns) })
