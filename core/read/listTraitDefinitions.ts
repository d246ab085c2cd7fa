import {
  listTraitDefinitions as list,
  type ListedDefinition,
} from '../../blackboard/query/listTraitDefinitions.ts'
import {
  listTraitVersions as versions,
  type DefinitionVersion,
} from '../../blackboard/query/listTraitVersions.ts'
import type { DataClass } from '../model/trait.ts'
import { asPage, pageSize, type Page, type PageInput } from './page.ts'
import { demand, type Reader } from './reader.ts'

export type TraitDefinitionView = ListedDefinition
export type TraitVersionView = DefinitionVersion

export interface DefinitionFilter {
  /** False lists what arrived and nobody has classified. */
  registered?: boolean | null | undefined
  dataClass?: DataClass | null | undefined
}

/** A page of trait definitions by key; `after` is a key. @throws forbidden */
export async function listTraitDefinitions(
  reader: Reader,
  { registered, dataClass }: DefinitionFilter,
  input: PageInput,
): Promise<Page<TraitDefinitionView>> {
  demand(reader, 'read', 'TraitDefinition')
  const size = pageSize(input)
  const rows = await list(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    keys: null,
    registered: registered ?? null,
    dataClass: dataClass ?? null,
    after: input.after ?? null,
    limit: size + 1,
  })
  return asPage(rows, size)
}

/** Definitions by key, in order, null where nobody has seen the trait. @throws forbidden */
export async function findTraitDefinitions(
  reader: Reader,
  keys: readonly string[],
): Promise<(TraitDefinitionView | null)[]> {
  demand(reader, 'read', 'TraitDefinition')
  const rows = await list(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    keys,
    registered: null,
    dataClass: null,
    after: null,
    limit: keys.length,
  })
  const byKey = new Map(rows.map((row) => [row.key, row]))
  return keys.map((key) => byKey.get(key) ?? null)
}

/** The newest versions of each definition, newest first, in the order of the keys. @throws forbidden */
export async function listTraitVersions(
  reader: Reader,
  keys: readonly string[],
  first: number,
): Promise<TraitVersionView[][]> {
  demand(reader, 'read', 'TraitDefinition')
  const rows = await versions(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    keys: [...new Set(keys)],
    limit: pageSize({ first }),
  })
  const byKey = Map.groupBy(rows, ({ key }) => key)
  return keys.map((key) => byKey.get(key) ?? [])
}
