/** Which reactions of a transaction stand, and what the others come to. Nothing here asks the database. */
import type { ErrorValues } from '../../errors.ts'
import type { Acting, Again, Ended, Part } from './commit.ts'
import { isIdle, type Effects } from './effects.ts'
import { forNext } from './forNext.ts'
import type { HeldStates } from './keep.ts'

/** What was found under the locks. */
export interface Found {
  /** Reactions whose lease is still the caller's. */
  mine: ReadonlySet<Ended>
  /** Those of which everything that they relied on stood as the transaction began. */
  current: ReadonlySet<Ended>
  /** The policy in force. */
  policyNumber: number | undefined
  /** Parts of versions that do not run any more. */
  left: ReadonlySet<Part>
  states: HeldStates
}

/** What becomes of the reactions of a part. */
export interface Judged {
  part: Part
  finished: string[]
  effects: Effects[]
  moved: string[]
  again: (Omit<Again, 'kind'> & { profileId: string; epoch: number })[]
  stale: number
  lost: number
  full: ErrorValues | null
}

export function judge(parts: readonly Part[], found: Found): Judged[] {
  const written = new Written()
  return parts.map((part) => judgePart(part, found, written))
}

function judgePart(part: Part, found: Found, written: Written): Judged {
  const own = part.ended.filter((item) => found.mine.has(item))
  const judged: Judged = {
    part,
    finished: [],
    effects: [],
    moved: [],
    again: [],
    stale: 0,
    lost: part.ended.length - own.length,
    full: null,
  }
  for (const given of own) {
    const { profileId, epoch, ending } = found.left.has(part) ? forNext(given) : given
    if (ending.kind === 'moved') judged.moved.push(profileId)
    else if (ending.kind === 'again') judged.again.push({ profileId, epoch, ...ending })
    else if (ending.kind === 'unmet' || isIdle(ending.effects)) judged.finished.push(profileId)
    else {
      const { effects, premise } = ending
      const verdict = stands(part, given, premise, found, written)
        ? found.states.judge(part, premise.state, effects)
        : 'stale'
      if (verdict === 'stands') {
        judged.finished.push(profileId)
        judged.effects.push(effects)
        written.add(effects)
      } else if (verdict === 'stale') {
        judged.stale += 1
        const atOnce = { dueAt: null, parked: null, error: null, free: true } as const
        judged.again.push({ profileId, epoch, ...atOnce })
      } else if (ending.full) {
        judged.full = verdict.full
        judged.again.push({ profileId, epoch, ...ending.full })
      }
    }
  }
  return judged
}

const stands = (
  part: Part,
  item: Ended,
  premise: Acting['premise'],
  { current, policyNumber }: Found,
  written: Written,
): boolean =>
  policyNumber === part.policyNumber &&
  current.has(item) &&
  !written.hasAny(item.profileId, premise)

/** Traits that reactions before in the same transaction write: what read one of them read what is no more. */
class Written {
  readonly #keys = new Map<string, Set<string>>()

  add({ profileId, patch }: Effects): void {
    if (!patch) return
    const keys = this.#keys.get(profileId) ?? new Set()
    for (const key of Object.keys(patch.provenance)) keys.add(key)
    this.#keys.set(profileId, keys)
  }

  hasAny(profileId: string, { read, absent }: Acting['premise']): boolean {
    const keys = this.#keys.get(profileId)
    if (!keys) return false
    return absent.some((key) => keys.has(key)) || Object.keys(read).some((key) => keys.has(key))
  }
}
