import type { TransactionSql } from 'postgres'
import type { LockedDefinition } from '../../blackboard/query/lockDefinitions.ts'
import { requestSealing } from '../../blackboard/query/requestSealing.ts'
import { writeDefinitions } from '../../blackboard/query/writeDefinitions.ts'
import { fail } from '../errors.ts'
import type { DefinitionRow } from '../../blackboard/query/listDefinitions.ts'
import { isVaulted } from '../model/trait.ts'

/** What a definition says; the rest of the row follows from who says it and when, and from its sources. */
export type Definition = Omit<
  DefinitionRow,
  'version' | 'registered' | 'effectivePurposes' | 'specialBy' | 'neededMs'
>

export interface NextDefinition {
  before: LockedDefinition | undefined
  next: Definition
}

/**
 * Writes the next versions in the caller's transaction, which has locked those before, and asks for the values
 * to be sealed that stood in the open until now. Throws `write_conflict` when one was written meanwhile.
 */
export async function storeDefinitions(
  tx: TransactionSql,
  by: { workspaceId: number; author: string; reason: string; at: string },
  definitions: readonly NextDefinition[],
): Promise<void> {
  if (definitions.length === 0) return
  const { workspaceId, at } = by
  const rows = definitions.map(({ before, next }) => ({
    ...next,
    version: (before?.version ?? 0) + 1,
  }))
  const written = await writeDefinitions(tx, { ...by, definitions: JSON.stringify(rows) })
  if (written.length < rows.length) {
    throw fail('write_conflict', { what: 'a trait was defined meanwhile' })
  }
  const sealings = definitions.flatMap(({ before, next }) =>
    isVaulted(next.dataClass) && mayStandOpen(before)
      ? [{ key: next.key, version: (before?.version ?? 0) + 1 }]
      : [],
  )
  const settled = definitions.filter(
    ({ before, next }) => !isVaulted(next.dataClass) || mayStandOpen(before),
  )
  await requestSealing(tx, {
    workspaceId,
    keys: settled.map(({ next }) => next.key),
    sealings: JSON.stringify(sealings),
    at,
  })
}

/**
 * Unless it was registered as vaulted already. A class that was guessed is no assurance: properties of events
 * that bear the trait's name were stored by their looks alone.
 */
const mayStandOpen = (before: LockedDefinition | undefined): boolean =>
  !before || !before.registered || !isVaulted(before.dataClass)
