import type { ConsentProof, ConsentState } from '../model/consent.ts'
import type { ConsentWarning } from '../model/event.ts'

/** What somebody said about one purpose and channel, in the words of a client. */
export interface ConsentStatement {
  purpose: string
  channel: string
  /** `pending`: asked for elsewhere, and not confirmed. */
  decision: ConsentState
  proof: ConsentProof
  /**
   * True for an act of the person, such as closing a banner. False for a state that a client repeats with every
   * event, which must not bring back what the person took back elsewhere.
   */
  isAct: boolean
  /** When it was said, where the statement itself tells; else the event's time counts. */
  saidAt: Date | null
  expiresAt: Date | null
  /** How long a grant for it lasts at most, in this workspace. */
  ttlDays?: number | null
}

/** All that one message says about consent. */
export interface Reading {
  statements: ConsentStatement[]
  warnings: ConsentWarning[]
  /** Whether it carries Global Privacy Control. */
  gpc: boolean
}

/** Entries that one list or map of consents may have; of what is beyond nothing is granted. */
export const entriesMax = 100

export const silence = (...warnings: ConsentWarning[]): Reading => ({
  statements: [],
  warnings,
  gpc: false,
})

export const isRefusal = ({ decision }: { decision: ConsentState }): boolean =>
  decision === 'denied' || decision === 'withdrawn'

/** Of all that was said about a purpose and channel at one time, a refusal stands, else what ends first. */
export function unite(readings: readonly Reading[]): Reading {
  const strictest = new Map<string, ConsentStatement>()
  for (const each of readings.flatMap(({ statements }) => statements)) {
    const key = `${each.purpose} ${each.channel}`
    const other = strictest.get(key)
    if (other === undefined || isStricter(each, other)) strictest.set(key, each)
  }
  return {
    statements: [...strictest.values()],
    warnings: readings.flatMap(({ warnings }) => warnings),
    gpc: readings.some(({ gpc }) => gpc),
  }
}

const strictness = { granted: 0, pending: 1, denied: 2, withdrawn: 2 } as const

function isStricter(one: ConsentStatement, other: ConsentStatement): boolean {
  const more = strictness[one.decision] - strictness[other.decision]
  if (more !== 0) return more > 0
  return (one.expiresAt?.getTime() ?? Infinity) < (other.expiresAt?.getTime() ?? Infinity)
}
