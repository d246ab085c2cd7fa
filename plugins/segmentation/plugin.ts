import {
  cancel,
  definePlugin,
  done,
  type Cause,
  type Json,
  type ReactInput,
} from 'slateboard/plugin'

interface Purchases {
  orders: number
  spent: number
  lastAt: string
}

/** 1 (worst) to 4 (best) for each measure. */
interface Bands {
  recency: number
  frequency: number
  monetary: number
}

type EventCause = Extract<Cause, { kind: 'event' }>
type Config = Required<ReactInput>['config']

const dayMs = 86_400_000
const bandMax = 4
/** Orders after which half of the evidence is in. */
const halfEvidenceOrders = 2

export default definePlugin({
  agents: {
    count: (input) => {
      const orders = input.causes.filter(isEvent).toSorted(byTime)
      const purchases = orders.reduce<Purchases | undefined>(absorb, known(input))
      if (purchases === undefined) return cancel('nothing was ever ordered')
      return done({ writes: { purchases: { value: { ...purchases } } } })
    },
    assign: (input) => {
      const purchases = known(input)
      if (purchases === undefined || purchases.orders === 0)
        return done({ writes: { segment: null } })
      const bands = bandsOf(purchases, input)
      const confidence = purchases.orders / (purchases.orders + halfEvidenceOrders)
      const value = { name: nameOf(bands), ...bands }
      return done({
        writes: { segment: { value, confidence: Math.round(confidence * 100) / 100 } },
      })
    },
  },
})

function absorb(before: Purchases | undefined, event: EventCause): Purchases | undefined {
  const given = event.properties['total']
  const total = typeof given === 'number' && given > 0 ? given : 0
  if (event.name === 'Order Refunded') {
    return before && { ...before, spent: cents(Math.max(0, before.spent - total)) }
  }
  const { orders = 0, spent = 0, lastAt = event.timestamp } = before ?? {}
  const later = event.timestamp > lastAt ? event.timestamp : lastAt
  return { orders: orders + 1, spent: cents(spent + total), lastAt: later }
}

const cents = (amount: number): number => Math.round(amount * 100) / 100

function bandsOf(
  { orders, spent, lastAt }: Purchases,
  { profile, now, config }: Required<ReactInput>,
): Bands {
  const before = profile.traits['segment']?.value
  const days = Math.max(0, Date.parse(now) - Date.parse(lastAt)) / dayMs
  const band = (key: keyof Bands, value: number, limits: readonly number[]): number =>
    bandOf(value, limits, numberIn(before, key), marginOf(config))
  // Fewer days are better, so the band is counted from the other end.
  const old = numberIn(before, 'recency')
  const sinceBand = bandOf(
    days,
    limitsIn(config, 'recencyDays'),
    old === undefined ? undefined : bandMax + 1 - old,
    marginOf(config),
  )
  return {
    recency: bandMax + 1 - sinceBand,
    frequency: band('frequency', orders, limitsIn(config, 'orders')),
    monetary: band('monetary', spent, limitsIn(config, 'spent')),
  }
}

/**
 * The band of a value, from 1: limits are where the next one begins. The band of before stays until the value is
 * beyond its limits by the margin, so that who stands on a limit does not change segment every day.
 */
function bandOf(
  value: number,
  limits: readonly number[],
  before: number | undefined,
  margin: number,
): number {
  const low = limits[(before ?? 0) - 2] ?? 0
  const high = limits[(before ?? 0) - 1] ?? Infinity
  if (before !== undefined && value >= low * (1 - margin) && value < high * (1 + margin))
    return before
  return 1 + limits.filter((limit) => value >= limit).length
}

function nameOf({ recency, frequency, monetary }: Bands): string {
  const isGood = frequency >= 3 || monetary >= 3
  if (recency === 1) return 'lost'
  if (recency === 2) return isGood || frequency >= 2 ? 'at_risk' : 'lost'
  if (recency === bandMax && frequency >= 3 && monetary >= 3) return 'champion'
  return isGood ? 'loyal' : 'promising'
}

const isEvent = (cause: Cause): cause is EventCause => cause.kind === 'event'

const byTime = (left: EventCause, right: EventCause): number =>
  Date.parse(left.timestamp) - Date.parse(right.timestamp)

function known({ profile }: ReactInput): Purchases | undefined {
  const value = profile.traits['purchases']?.value
  const lastAt = fieldOf(value, 'lastAt')
  if (typeof lastAt !== 'string') return undefined
  return { orders: numberIn(value, 'orders') ?? 0, spent: numberIn(value, 'spent') ?? 0, lastAt }
}

const fieldOf = (value: Json | undefined, key: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value[key] : undefined

function numberIn(value: Json | undefined, key: string): number | undefined {
  const number = fieldOf(value, key)
  return typeof number === 'number' ? number : undefined
}

const limitsIn = (config: Config, key: string): number[] => {
  const limits = config[key]
  return Array.isArray(limits) ? limits.filter((limit) => typeof limit === 'number') : []
}

const marginOf = ({ margin }: Config): number => (typeof margin === 'number' ? margin : 0)
