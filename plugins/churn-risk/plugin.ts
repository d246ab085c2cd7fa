import {
  cancel,
  definePlugin,
  done,
  type Cause,
  type Json,
  type ReactInput,
} from 'slateboard/plugin'

/** What is remembered of a customer: small, because it is read and written with every event. */
interface Engagement {
  firstActiveAt: string | null
  lastActiveAt: string | null
  /** Days (UTC) with any activity. */
  activeDays: number
  visits: number
  orders: number
  /** Opened and not yet closed. */
  complaints: number
}

type EventCause = Extract<Cause, { kind: 'event' }>

// BG/NBD, the model of buying "until dead" (Fader, Hardie and Lee, Marketing Science 24(2), 2005), with the
// parameters that the paper estimates on the CDNOW customers. Time is counted in weeks.
const r = 0.243
const alpha = 4.414
const a = 0.793
const b = 2.426
const weekMs = 604_800_000

// Ours, not the paper's: an open complaint leaves 70% of the chance that a customer stays; four count at most.
const stayPerComplaint = 0.7
const complaintsMax = 4

/** Active days after which half of the evidence is in. */
const halfEvidenceDays = 5

export default definePlugin({
  agents: {
    score: (input) => {
      const engagement = input.causes.filter(isEvent).toSorted(byTime).reduce(absorb, known(input))
      if (engagement.firstActiveAt === null) return cancel('nothing is known about activity yet')
      const { activeDays } = engagement
      const confidence = round(activeDays / (activeDays + halfEvidenceDays))
      return done({
        writes: {
          engagement: { value: { ...engagement } },
          churn_risk: { value: riskOf(engagement, Date.parse(input.now)), confidence },
        },
      })
    },
  },
})

/** 1 - P(alive), lowered further by open complaints; 0..1 with two digits, so that noise wakes nobody. */
function riskOf(
  { firstActiveAt, lastActiveAt, activeDays, complaints }: Engagement,
  now: number,
): number {
  const first = Date.parse(firstActiveAt ?? '')
  const last = Date.parse(lastActiveAt ?? '')
  const age = Math.max(0, now - first) / weekMs
  const recency = Math.max(0, last - first) / weekMs
  // The paper counts repeats and lets nobody leave before the first one; a visitor who never came back
  // has left more often than not, so we count the first active day as the first repeat.
  const repeats = Math.max(1, activeDays - 1)
  const left = (a / (b + repeats - 1)) * ((alpha + age) / (alpha + recency)) ** (r + repeats)
  const alive = 1 / (1 + left)
  return round(1 - alive * stayPerComplaint ** Math.min(complaints, complaintsMax))
}

const round = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 100) / 100

const isEvent = (cause: Cause): cause is EventCause => cause.kind === 'event'

const byTime = (left: EventCause, right: EventCause): number =>
  Date.parse(left.timestamp) - Date.parse(right.timestamp)

function absorb(before: Engagement, { name, timestamp }: EventCause): Engagement {
  if (name === 'Complaint Opened') return { ...before, complaints: before.complaints + 1 }
  if (name === 'Complaint Closed')
    return { ...before, complaints: Math.max(0, before.complaints - 1) }
  const { firstActiveAt: first, lastActiveAt: last } = before
  return {
    ...before,
    firstActiveAt: first === null || timestamp < first ? timestamp : first,
    lastActiveAt: last === null || timestamp > last ? timestamp : last,
    // A late event on an earlier day is not counted as a day: that day may have been counted already.
    activeDays: before.activeDays + (last === null || dayOf(timestamp) > dayOf(last) ? 1 : 0),
    visits: before.visits + 1,
    orders: before.orders + (name === 'Order Completed' ? 1 : 0),
  }
}

const dayOf = (timestamp: string): string => timestamp.slice(0, 10)

/** The engagement on the board; whatever is missing or odd counts as nothing. */
function known({ profile }: ReactInput): Engagement {
  const value = profile.traits['engagement']?.value
  const field = (key: string): Json =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value[key] ?? null)
      : null
  const time = (key: string): string | null => {
    const text = field(key)
    return typeof text === 'string' ? text : null
  }
  const count = (key: string): number => {
    const number = field(key)
    return typeof number === 'number' ? number : 0
  }
  return {
    firstActiveAt: time('firstActiveAt'),
    lastActiveAt: time('lastActiveAt'),
    activeDays: count('activeDays'),
    visits: count('visits'),
    orders: count('orders'),
    complaints: count('complaints'),
  }
}
