import { definePlugin, done, type Cause, type Json, type ReactInput } from 'slateboard/plugin'

const held = 'marketing'
const openMax = 100
/** Closed ids that are remembered, for a closing event that overtook its opening. */
const closedMax = 20

interface Complaints {
  open: string[]
  closed: string[]
}

type EventCause = Extract<Cause, { kind: 'event' }>

export default definePlugin({
  agents: {
    watch: (input) => {
      const before = known(input)
      const after = input.causes.filter(isEvent).toSorted(byTime).reduce(absorb, before)
      const { open, closed } = after
      const writes = { open_complaints: { value: { count: open.length, open, closed } } }
      // Said again with every run: a hold that is already there, or already gone, changes nothing.
      return open.length > 0
        ? done({ writes, holds: [{ purpose: held, reason: 'a complaint is open' }] })
        : done({ writes, releases: [held] })
    },
  },
})

const isEvent = (cause: Cause): cause is EventCause => cause.kind === 'event'

const byTime = (left: EventCause, right: EventCause): number =>
  Date.parse(left.timestamp) - Date.parse(right.timestamp)

function absorb({ open, closed }: Complaints, event: EventCause): Complaints {
  const given = event.properties['complaintId']
  const id = typeof given === 'string' || typeof given === 'number' ? String(given) : undefined
  if (event.name === 'Complaint Opened') {
    const opened = id ?? event.id
    if (open.includes(opened) || closed.includes(opened)) return { open, closed }
    return { open: [...open, opened].slice(-openMax), closed }
  }
  if (event.name !== 'Complaint Closed') return { open, closed }
  // Without an id the oldest complaint is meant: better to stay silent too long than to miss one.
  const ended = id ?? open[0]
  if (ended === undefined) return { open, closed }
  return {
    open: open.filter((other) => other !== ended),
    closed: [...closed, ended].slice(-closedMax),
  }
}

function known({ profile }: ReactInput): Complaints {
  const value = profile.traits['open_complaints']?.value
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { open: [], closed: [] }
  return { open: strings(value['open']), closed: strings(value['closed']) }
}

const strings = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
