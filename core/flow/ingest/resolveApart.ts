import type { TransactionSql } from 'postgres'
import { findIdentifiers } from '../../../blackboard/query/findIdentifiers.ts'
import { listDisowned } from '../../../blackboard/query/listDisowned.ts'
import type { Board } from '../../board.ts'
import { fail } from '../../errors.ts'
import type { TraitState } from '../../model/trait.ts'
import { resolve, type Resolution } from '../resolve.ts'
import { claimOf, type Arrival } from './arrival.ts'
import { touched } from './draft.ts'

/** The canonical profiles that a batch holds. */
export interface Locked {
  states: Map<string, TraitState>
  held: Set<string>
  /** Those of persons who said of an identifier that it is not theirs. */
  disowning: string[]
}

/**
 * Resolves a batch again that speaks of somebody who disowned an identifier: nothing joins them with who has it. Now
 * that they are held, what is known of the identifiers is asked anew, since one may have been taken from them after
 * the first look. Nobody else pays for this: only a profile that is held and marked leads here.
 *
 * @throws write_conflict when it speaks of somebody whom the batch does not hold
 */
export async function resolveApart(
  tx: TransactionSql,
  { clock }: Pick<Board, 'clock'>,
  workspaceId: number,
  kept: readonly Arrival[],
  { states, held, disowning }: Locked,
): Promise<Resolution> {
  const hashes = kept.flatMap(({ identifiers }) => identifiers.map(({ hash }) => hash))
  const [found, rows] = await Promise.all([
    findIdentifiers(tx, { workspaceId, hashes: [...new Set(hashes)] }),
    listDisowned(tx, { workspaceId, ids: disowning }),
  ])
  const known = found.filter((row) => !row.erased)
  const resolution = resolve(kept.map(claimOf), known, () => clock.id(), rows)
  const isHeld = ({ id, whole }: { id: string; whole: boolean }): boolean =>
    held.has(id) && (!whole || states.has(id))
  if (!touched(kept, resolution).every(isHeld)) {
    throw fail('write_conflict', { what: 'an identifier was taken from a person meanwhile' })
  }
  return resolution
}
