import {
  cancel,
  definePlugin,
  done,
  type Cause,
  type Json,
  type JsonObject,
} from 'slateboard/plugin'
import { wilson } from './wilson.ts'

const measures = ['delivered', 'opened', 'clicked', 'converted', 'unsubscribed'] as const
type Measure = (typeof measures)[number]
type Counts = Record<Measure, number>
type EventCause = Extract<Cause, { kind: 'event' }>

/** From so many deliveries on older ones fade: all counts are halved, so that what falls now is seen now. */
const deliveredMax = 10_000
/** Agents on channels that are told apart; further ones count as one. */
const keysMax = 50
const further = 'other'

const measureOf: Readonly<Record<string, Measure>> = {
  'Email Delivered': 'delivered',
  'Email Opened': 'opened',
  'Email Link Clicked': 'clicked',
  Unsubscribed: 'unsubscribed',
  'Message Delivered': 'delivered',
  'Message Opened': 'opened',
  'Message Clicked': 'clicked',
  'Order Completed': 'converted',
}

export default definePlugin({
  agents: {
    collect: ({ profile, causes, state }) => {
      const before = objectIn(state.plugin['totals']) ?? {}
      const totals = { ...before }
      const own = countsIn(profile.traits['message_engagement']?.value)
      const kept = state.profile['last']
      let last = typeof kept === 'string' ? kept : undefined
      for (const event of causes.filter(isEvent).toSorted(byTime)) {
        const measure = measureOf[event.name]
        const key = measure === 'converted' ? last : keyOf(event, totals)
        // Orders of people who were sent nothing are nobody's merit.
        if (measure === undefined || key === undefined) continue
        own[measure] += 1
        totals[key] = { ...counted(countsIn(totals[key]), measure) }
        // One order for a message.
        last = measure === 'converted' ? undefined : key
      }
      if (measures.every((measure) => own[measure] === 0)) return cancel('nothing was sent to them')
      return done({
        writes: { message_engagement: { value: { ...own } } },
        state: {
          profile: { last: last ?? null },
          // What all profiles share is written by one reaction at a time, and only where there is something to add.
          ...(Object.keys(totals).some((key) => totals[key] !== before[key])
            ? { plugin: { totals } }
            : {}),
        },
      })
    },
    judge: ({ profile, state, config }) => {
      const totals = Object.entries(objectIn(state.plugin['totals']) ?? {})
      const performance = Object.fromEntries(
        totals.map(([key, counts]) => [key, ratesOf(countsIn(counts))]),
      )
      const alarms = totals.flatMap(([key, counts]) => alarmsOf(key, countsIn(counts), config))
      const wasCalm = profile.traits['performance_alarm'] === undefined
      return done({
        writes: {
          performance: { value: performance },
          // The end of an alarm is the end of the trait; so who wakes on it is woken by either.
          ...(alarms.length > 0
            ? { performance_alarm: { value: alarms } }
            : wasCalm
              ? {}
              : { performance_alarm: null }),
        },
      })
    },
  },
})

function counted(before: Counts, measure: Measure): Counts {
  const half = (count: number): number => Math.floor(count / 2)
  const faded =
    before.delivered >= deliveredMax
      ? {
          delivered: half(before.delivered),
          opened: half(before.opened),
          clicked: half(before.clicked),
          converted: half(before.converted),
          unsubscribed: half(before.unsubscribed),
        }
      : before
  return { ...faded, [measure]: faded[measure] + 1 }
}

function ratesOf(counts: Counts): JsonObject {
  const rates = measures
    .filter((measure) => measure !== 'delivered')
    .map((measure) => [measure, { ...wilson(counts[measure], counts.delivered) }])
  return { delivered: counts.delivered, rates: Object.fromEntries(rates) }
}

/** Only what is surely too low or too high: the whole interval lies beyond the limit. */
function alarmsOf(of: string, counts: Counts, config: JsonObject): JsonObject[] {
  const opened = wilson(counts.opened, counts.delivered)
  const unsubscribed = wilson(counts.unsubscribed, counts.delivered)
  const least = numberIn(config, 'openRateMin')
  const most = numberIn(config, 'unsubscribeRateMax')
  return [
    ...(opened.high < least ? [{ of, measure: 'opened', rate: opened.rate, limit: least }] : []),
    ...(unsubscribed.low > most
      ? [{ of, measure: 'unsubscribed', rate: unsubscribed.rate, limit: most }]
      : []),
  ]
}

/** Which agent's message it was, on which channel, such as `journey/email`. */
function keyOf({ name, properties }: EventCause, totals: JsonObject): string {
  const word = (key: string, standard: string): string => {
    const said = properties[key]
    return typeof said === 'string' && /^[a-z][a-z0-9_-]{0,39}$/.test(said) ? said : standard
  }
  const key = `${word('agent', 'unknown')}/${word('channel', name.startsWith('Email') ? 'email' : 'unknown')}`
  return Object.hasOwn(totals, key) || Object.keys(totals).length < keysMax ? key : further
}

const isEvent = (cause: Cause): cause is EventCause => cause.kind === 'event'

const byTime = (left: EventCause, right: EventCause): number =>
  Date.parse(left.timestamp) - Date.parse(right.timestamp)

const countsIn = (value: Json | undefined): Counts => {
  const of = objectIn(value) ?? {}
  return {
    delivered: numberIn(of, 'delivered'),
    opened: numberIn(of, 'opened'),
    clicked: numberIn(of, 'clicked'),
    converted: numberIn(of, 'converted'),
    unsubscribed: numberIn(of, 'unsubscribed'),
  }
}

const numberIn = (of: JsonObject, key: string): number => {
  const number = of[key]
  return typeof number === 'number' ? number : 0
}

const objectIn = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
