import type { FoundRow } from '../../../blackboard/query/findIdentifiers.ts'
import type { Arrival } from './arrival.ts'

type Known = Extract<FoundRow, { erased: false }>

export interface Sifted {
  known: Known[]
  /** Ids of the arrivals whose person was erased. */
  erased: Set<string>
  living: readonly Arrival[]
  /** Keys of messages that no living arrival has. */
  unkept: string[]
}

/**
 * Tells events of erased persons from the others. An event that carries one tombstone is about the erased person,
 * whatever else it carries: kept under its other identifiers it would bring them back. Once they were let in
 * again, what happened after that is about the person they are now.
 */
export function sift(arrivals: readonly Arrival[], found: readonly FoundRow[]): Sifted {
  const known: Known[] = []
  const openedAt = new Map<string, Date | null>()
  for (const row of found) {
    if (row.erased) openedAt.set(row.hash, row.openedAt)
    else known.push(row)
  }
  if (openedAt.size === 0) return { known, erased: new Set(), living: arrivals, unkept: [] }
  const isErased = ({ identifiers, event }: Arrival): boolean =>
    identifiers.some(({ hash }) => {
      const opened = openedAt.get(hash)
      return opened === null || (opened !== undefined && event.timestamp <= opened)
    })
  const { true: dead = [], false: living = [] } = Object.groupBy(arrivals, (arrival) =>
    isErased(arrival) ? 'true' : 'false',
  )
  const kept = new Set(living.map(({ messageKey }) => messageKey))
  return {
    known,
    living,
    erased: new Set(dead.map(({ id }) => id)),
    unkept: dead.flatMap(({ messageKey }) => (kept.has(messageKey) ? [] : [messageKey])),
  }
}
