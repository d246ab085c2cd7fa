import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { definitionColumns, type DefinitionRow } from './listDefinitions.ts'

export interface SealingRow {
  state: 'sealing' | 'done' | 'dropped'
  /** The definition's version that asked for it. */
  version: number
  pass: number
  profiles: number
  changes: number
  events: number
  /** RFC 3339. */
  requestedAt: string
  finishedAt: string | null
}

export interface ListedDefinition extends DefinitionRow {
  author: string
  /** Where a trait that nobody registered was first seen. */
  firstSource: string | null
  createdAt: Date
  updatedAt: Date
  /** Of the newest sealing of its open values, if there ever was one. */
  sealing: SealingRow | null
}

/** Definitions in the order of their keys; a null filter asks for no difference. */
export const listTraitDefinitions = statement<
  {
    workspaceId: number
    keys: readonly string[] | null
    registered: boolean | null
    dataClass: string | null
    after: string | null
    limit: number
  },
  ListedDefinition
>(
  (arg) => sql`
    select ${definitionColumns}, d.author, d.first_source as "firstSource", d.created_at as "createdAt",
      d.updated_at as "updatedAt", s.sealing
    from trait_definition d
    left join lateral (
      select json_build_object('state', state, 'version', version, 'pass', pass, 'profiles', profiles,
        'changes', changes, 'events', events, 'requestedAt', requested_at, 'finishedAt', finished_at)
        as sealing
      from trait_sealing where workspace_id = d.workspace_id and key = d.key
      order by version desc limit 1
    ) as s on true
    where d.workspace_id = ${arg.workspaceId}::int
      and (${arg.keys}::text[] is null or d.key = any(${arg.keys}::text[]))
      and (${arg.registered}::boolean is null or d.registered = ${arg.registered}::boolean)
      and (${arg.dataClass}::text is null or d.data_class = ${arg.dataClass}::text)
      and (${arg.after}::text is null or d.key > ${arg.after}::text collate "C")
    order by d.key
    limit ${arg.limit}::int`,
)
