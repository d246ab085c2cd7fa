import { placeOfTraits, placeTraits, type JurisdictionSource } from '../../model/jurisdiction.ts'
import type { ChangeRow } from '../notice.ts'
import type { Resolution } from '../resolve.ts'
import type { Arrival } from './arrival.ts'
import type { Heard } from './hear.ts'

interface Place {
  profileId: string
  jurisdiction: string
  source: JurisdictionSource
}

/**
 * Where a batch says that persons are. Their traits are asked only when one of those that tell it has changed, so
 * that a client which sends the country with every call costs a statement once. A profile that is merged away in
 * the batch is placed with the one it counts as from now on.
 */
export function placesOf(
  arrivals: readonly Arrival[],
  { subjects, merges }: Resolution,
  changes: readonly ChangeRow[],
  heard: Pick<Heard, 'places'>,
): Place[] {
  const places = new Map<string, Omit<Place, 'profileId'>>()
  for (const [profileId, jurisdiction] of heard.places) {
    places.set(profileId, { jurisdiction, source: 'event' })
  }
  const telling = changes.filter(({ kind, key }) => kind === 'trait' && placeTraits.has(key))
  const causes = new Set(telling.map(({ profileId, cause }) => `${profileId} ${cause}`))
  for (const [at, { id, event }] of arrivals.entries()) {
    const profileId = subjects[at] ?? ''
    if (!causes.has(`${profileId} ${id}`)) continue
    const jurisdiction = placeOfTraits(event.traits)
    if (jurisdiction !== undefined) places.set(profileId, { jurisdiction, source: 'trait' })
  }
  const lost = merges.flatMap(({ loser, winner }) => {
    const place = places.get(winner)
    return place ? [{ profileId: loser, ...place }] : []
  })
  return [...[...places].map(([profileId, place]) => ({ profileId, ...place })), ...lost]
}
