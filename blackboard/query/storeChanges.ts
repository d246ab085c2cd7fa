import { sql } from 'drizzle-orm/sql/sql'
import { columnsOf } from '../columns.ts'
import { statement, type Handle } from '../statement.ts'

/** A row of the change log; `value` is JSON text, null when it was removed or went to the vault. */
export interface ChangeRow {
  profileId: string
  id: string
  kind: 'trait' | 'merge' | 'consent' | 'hold' | 'identifier'
  key: string
  value: string | null
  confidence: number | null
  revision: number | null
  authorKind: 'source' | 'agent' | 'principal' | 'system'
  authorId: string
  cause: string
  hop: number
  /** Milliseconds since 1970. */
  at: number
}

const columns = [
  'profileId',
  'id',
  'kind',
  'key',
  'value',
  'confidence',
  'revision',
  'authorKind',
  'authorId',
  'cause',
  'hop',
  'at',
] as const

type Columns = { [K in (typeof columns)[number]]: ChangeRow[K][] }

const insert = statement<Columns & { workspaceId: number }, never>(
  (arg) => sql`
    insert into change (workspace_id, profile_id, id, kind, key, value, confidence, revision,
      author_kind, author_id, cause, hop, at)
    select ${arg.workspaceId}::int, profile, id, kind, key, value::jsonb, confidence, revision,
      author_kind, author_id, cause, hop, to_timestamp(at / 1000)
    from unnest(${arg.profileId}::text[], ${arg.id}::text[], ${arg.kind}::text[], ${arg.key}::text[],
      ${arg.value}::text[], ${arg.confidence}::real[], ${arg.revision}::int[],
      ${arg.authorKind}::text[], ${arg.authorId}::text[], ${arg.cause}::text[], ${arg.hop}::smallint[],
      ${arg.at}::float8[])
      as new (profile, id, kind, key, value, confidence, revision, author_kind, author_id, cause, hop, at)`,
)

/** Appends to the change log. */
export const storeChanges = (
  handle: Handle,
  { workspaceId, changes }: { workspaceId: number; changes: readonly ChangeRow[] },
): Promise<never[]> => insert(handle, { workspaceId, ...columnsOf(changes, columns) })
