import {
  definePlugin,
  done,
  type Cause,
  type Json,
  type JsonObject,
  type ReactInput,
} from 'slateboard/plugin'
import { creditsOf, type Model, type Touch } from './credit.ts'
import { channelsIn, converted, counted, lost, type Transitions } from './markov.ts'

type EventCause = Extract<Cause, { kind: 'event' }>

/** What is known while the events of one call are gone through. */
interface Story {
  path: Touch[]
  transitions: Transitions
  /** The trait, once there was a conversion. */
  attribution: JsonObject | undefined
}

const dayMs = 86_400_000
/** Of a longer path the last ones count. */
const touchesMax = 50
/** Further channels count as one, so that the counts stay small. */
const channelsMax = 20
const furtherChannel = 'other'
const models: readonly Model[] = ['first', 'last', 'linear', 'time_decay', 'markov']

export default definePlugin({
  agents: {
    credit: (input) => {
      const before: Story = {
        path: pathIn(input.state.profile['path']),
        transitions: countsIn(input.state.plugin['transitions']),
        attribution: objectIn(input.profile.traits['attribution']?.value),
      }
      const after = input.causes
        .filter(isEvent)
        .toSorted(byTime)
        .reduce((story, event) => absorb(story, event, input), before)
      const path = after.path.map(({ channel, at }) => [channel, at])
      const isCounted = after.transitions !== before.transitions
      return done({
        writes:
          after.attribution === before.attribution || after.attribution === undefined
            ? {}
            : { attribution: { value: after.attribution } },
        // What all profiles share is written by one reaction at a time: at the end of a path, and not at each touch.
        state: {
          profile: { path },
          ...(isCounted ? { plugin: { transitions: { ...after.transitions } } } : {}),
        },
      })
    },
  },
})

function absorb(story: Story, event: EventCause, { config }: Required<ReactInput>): Story {
  const at = Date.parse(event.timestamp)
  const windowMs = numberOf(config['windowDays'], 30) * dayMs
  if (event.name === 'Order Completed') return convert(recent(story, at - windowMs), event, config)
  const last = story.path.at(-1)
  // A path that went cold has ended without a conversion; that counts as well.
  const gone = last !== undefined && at - last.at > windowMs
  const { path, transitions } = gone
    ? { path: [], transitions: counted(story.transitions, channelsOf(story.path), lost) }
    : story
  const touch = { channel: channelOf(event, transitions), at }
  return { ...story, transitions, path: [...path, touch].slice(-touchesMax) }
}

const recent = (story: Story, since: number): Story => ({
  ...story,
  path: story.path.filter(({ at }) => at >= since),
})

function convert(
  { path, transitions, attribution }: Story,
  event: EventCause,
  config: JsonObject,
): Story {
  const value = Math.max(0, numberOf(event.properties['total'], 0))
  const model = models.find((name) => name === config['model']) ?? 'markov'
  const known = path.length > 0 ? counted(transitions, channelsOf(path), converted) : transitions
  const halfLifeMs = numberOf(config['halfLifeDays'], 7) * dayMs
  const credits = creditsOf(model, path, { halfLifeMs, transitions: known })
  const totals = { ...objectIn(attribution?.['totals']) }
  for (const [channel, credit] of Object.entries(credits)) {
    const sum = objectIn(totals[channel])
    totals[channel] = {
      conversions: numberOf(sum?.['conversions'], 0) + credit,
      value: numberOf(sum?.['value'], 0) + credit * value,
    }
  }
  return {
    path: [],
    transitions: known,
    attribution: { model, at: event.timestamp, value, credits, totals },
  }
}

const channelsOf = (path: readonly Touch[]): string[] => path.map(({ channel }) => channel)

/** The channel that the event names, or the one its own name stands for. */
function channelOf({ name, properties }: EventCause, transitions: Transitions): string {
  const standard =
    { 'Email Link Clicked': 'email', 'Push Notification Tapped': 'push' }[name] ?? 'ads'
  const said = properties['channel']
  const channel = typeof said === 'string' && /^[a-z][a-z0-9_-]{0,39}$/.test(said) ? said : standard
  const known = channelsIn(transitions)
  return known.includes(channel) || known.length < channelsMax ? channel : furtherChannel
}

const isEvent = (cause: Cause): cause is EventCause => cause.kind === 'event'

const byTime = (left: EventCause, right: EventCause): number =>
  Date.parse(left.timestamp) - Date.parse(right.timestamp)

const numberOf = (value: Json | undefined, standard: number): number =>
  typeof value === 'number' ? value : standard

const objectIn = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined

const countsIn = (value: Json | undefined): Transitions =>
  Object.fromEntries(
    Object.entries(objectIn(value) ?? {}).flatMap(([step, times]) =>
      typeof times === 'number' ? [[step, times]] : [],
    ),
  )

const pathIn = (value: Json | undefined): Touch[] =>
  (Array.isArray(value) ? value : []).flatMap((touch) => {
    const [channel, at] = Array.isArray(touch) ? touch : []
    return typeof channel === 'string' && typeof at === 'number' ? [{ channel, at }] : []
  })
