import { asDatabaseError, refusesData } from '../../../blackboard/failure.ts'
import { fail, type SlateboardError } from '../../errors.ts'
import type { ItemWarning, TraitWarning } from '../../model/event.ts'
import type { Refused } from '../project.ts'
import type { Arrival } from './arrival.ts'
import type { Stored } from './store.ts'

type Fate =
  | { status: 'accepted'; warnings?: ItemWarning[] }
  | { status: 'duplicate' }
  /** Its person was erased: nothing of it was kept. */
  | { status: 'erased' }
  /** The database refuses this very event, and would again. */
  | { status: 'refused'; error: SlateboardError }
  /** The database could not; sending it again may succeed. */
  | { status: 'failed'; error: SlateboardError }

export interface Fates {
  of: Map<Arrival, Fate>
  /** Profiles that changed. */
  subjects: Set<string>
  /** Why activations that waited were recalled, one reason for each. */
  recalled: string[]
  /** Follow-ups that merges asked for. */
  followed: number
}

/**
 * Stores arrivals in one commit. When the database refuses their data, the halves are stored apart, and so
 * on down to the event that is guilty: one customer's nonsense costs the others 2 log2(n) more commits and
 * nothing else.
 */
export async function settle(
  arrivals: readonly Arrival[],
  store: (part: readonly Arrival[]) => Promise<Stored>,
): Promise<Fates> {
  const fates: Fates = { of: new Map(), subjects: new Set(), recalled: [], followed: 0 }
  const parts: (readonly Arrival[])[] = [arrivals]
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    try {
      const { fresh, erased, subjects, refused, recalled, followed } = await store(part)
      const left = new Set(fresh)
      const warnings = Map.groupBy(refused, ({ cause }) => cause)
      for (const arrival of part) {
        const isFresh = left.delete(arrival.messageKey)
        const refusals = warnings.get(arrival.id)?.map(warningOf) ?? []
        const told: ItemWarning[] = [...refusals, ...(arrival.reading?.warnings ?? [])]
        if (erased.has(arrival.id)) fates.of.set(arrival, { status: 'erased' })
        else if (!isFresh) fates.of.set(arrival, { status: 'duplicate' })
        else if (told.length === 0) fates.of.set(arrival, { status: 'accepted' })
        else fates.of.set(arrival, { status: 'accepted', warnings: told })
      }
      for (const subject of subjects) fates.subjects.add(subject)
      fates.recalled.push(...recalled)
      fates.followed += followed
    } catch (thrown) {
      const half = part.length >> 1
      if (!refusesData(thrown)) {
        // It would fail the rest as well.
        const error = asDatabaseError(thrown)
        for (const arrival of [part, ...parts.splice(0)].flat()) {
          fates.of.set(arrival, { status: 'failed', error })
        }
      } else if (half > 0) {
        // The first half on top: events are stored in the order in which they came.
        parts.push(part.slice(half), part.slice(0, half))
      } else {
        for (const arrival of part)
          fates.of.set(arrival, { status: 'refused', error: refusal(thrown) })
      }
    }
  }
  return fates
}

const warningOf = ({ key, code, path }: Refused): TraitWarning => ({ trait: key, code, path })

const refusal = (cause: unknown): SlateboardError =>
  fail('item_unstorable', { reason: 'the database refuses it' }, cause)
