import type { JsonObject } from '../../core/model/json.ts'
import { createRandom, type Random } from './random.ts'
import { storyOf, type Story, type Word } from './story.ts'

/** A word of a customer, as `recordConsent` takes it. */
export interface Said extends Word {
  userId: string
  collectedAt: Date
  method: string
}

/** One customer's part in each step of the demo; items are Segment calls. */
export interface Customer {
  visits: JsonObject[]
  signUp: JsonObject[]
  said: Said[]
  complaint: JsonObject[]
  history: JsonObject[]
  later: { calls: JsonObject[]; said: Said[] }
}

const dayMs = 86_400_000
const hourMs = 3_600_000
const firstNames = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Radia', 'Ken'] as const
const lastNames = ['Okafor', 'Lindqvist', 'Moreau', 'Tanaka', 'Novak', 'Silva', 'Brandt'] as const
const products = ['Kettle', 'Lamp', 'Notebook', 'Raincoat', 'Backpack', 'Teapot'] as const
const topics = ['late delivery', 'wrong item', 'refund'] as const

/** Who they are and how they come: what every call of theirs is made from. */
interface Self {
  userId: string
  devices: Device[]
  story: Story
  random: Random
  /** When they signed up; one visit on each device precedes it on the same day. */
  start: Date
  now: Date
  newId(): string
}

interface Device {
  anonymousId: string
  context: JsonObject
}

/** The customer with this number, the same for the same seed and time. */
export function createCustomer(seed: number, number: number, now: Date): Customer {
  const random = createRandom(seed * 100_003 + number)
  const story = storyOf(number)
  const userId = `shop${seed}-customer-${number}`
  let calls = 0
  const daysAgo = story.isSilent ? random.between(75, 88) : random.between(20, 88)
  const self: Self = {
    userId,
    story,
    random,
    now,
    devices: devicesOf(userId, random),
    start: new Date(now.getTime() - daysAgo * dayMs),
    newId: () => `${userId}-${(calls += 1)}`,
  }
  const { days, ended } = activeDays(self)
  return {
    visits: visitsOf(self),
    signUp: signUpOf(self, seed, number),
    said: story.said.map((word, at) =>
      saidBy(self, word, new Date(self.start.getTime() + (at + 1) * hourMs), 'checkbox'),
    ),
    complaint: story.complaint ? [complain(self, 'Opened', ended)] : [],
    history: days.flatMap((day) => dayOf(self, day)),
    later: {
      calls: story.complaint === 'is closed' ? [complain(self, 'Closed', now)] : [],
      said: story.saidLater ? [saidBy(self, story.saidLater, now, 'preference centre')] : [],
    },
  }
}

function devicesOf(userId: string, random: Random): Device[] {
  const browser = {
    anonymousId: `${userId}-browser`,
    context: { library: { name: 'analytics.js' } },
  }
  const phone = {
    anonymousId: `${userId}-phone`,
    context: { device: { id: `${userId}-handset`, type: random.pick(['ios', 'android']) } },
  }
  const chance = random.next()
  if (chance < 0.55) return [browser]
  return chance < 0.9
    ? [browser, phone]
    : [browser, phone, { ...browser, anonymousId: `${userId}-work` }]
}

const call = ({ newId }: Self, type: string, at: Date, rest: JsonObject): JsonObject => ({
  type,
  messageId: newId(),
  timestamp: at.toISOString(),
  ...rest,
})

/** What each device did before anybody knew whose it is. */
const visitsOf = (self: Self): JsonObject[] =>
  self.devices.flatMap(({ anonymousId, context }, nth) => {
    const began = self.start.getTime() - (nth + 1) * 600_000
    return Array.from({ length: self.random.between(1, 3) }, (_, page) =>
      call(self, 'page', new Date(began + page * 60_000), {
        anonymousId,
        context,
        name: page === 0 ? 'Home' : 'Catalogue',
      }),
    )
  })

/** The identify calls that join the devices to one person, from the first device with what they filled in. */
function signUpOf(self: Self, seed: number, number: number): JsonObject[] {
  const { random, story, userId, devices, start } = self
  const [first, last] = [random.pick(firstNames), random.pick(lastNames)]
  const traits = {
    firstName: first,
    lastName: last,
    email: `${first}.${last}.${seed}.${number}@example.com`.toLowerCase(),
    phone: `+1555${String(seed).padStart(5, '0')}${String(number).padStart(4, '0')}`,
    preferred_channel: story.prefers,
    lifetime_value: random.between(20, 900),
    ...(story.doNotContact ? { do_not_contact: true } : {}),
  }
  return devices.map(({ anonymousId, context }, nth) =>
    call(self, 'identify', new Date(start.getTime() + nth * 60_000), {
      userId,
      anonymousId,
      context,
      traits: nth === 0 ? traits : {},
    }),
  )
}

/** Days on which they came: until today, or closely for four weeks and then not any more. */
function activeDays({ story, random, start, now }: Self): { days: Date[]; ended: Date } {
  const end = story.isSilent
    ? start.getTime() + random.between(24, 30) * dayMs
    : now.getTime() - random.between(1, 30) * hourMs
  const count = random.between(6, 10)
  const step = (end - start.getTime()) / count
  const days = Array.from(
    { length: count },
    (_, nth) => new Date(start.getTime() + step * (nth + 1)),
  )
  return { days, ended: new Date(end) }
}

function dayOf(self: Self, day: Date): JsonObject[] {
  const { random, userId, devices } = self
  const device = devices[random.between(0, devices.length - 1)]
  const { anonymousId, context } = device ?? { anonymousId: userId, context: {} }
  const product = random.pick(products)
  const price = random.between(5, 90)
  const track = (event: string, minutes: number, properties: JsonObject): JsonObject =>
    call(self, 'track', new Date(day.getTime() - minutes * 60_000), {
      userId,
      anonymousId,
      context,
      event,
      properties,
    })
  const viewed = track('Product Viewed', 10, { product, price })
  if (random.next() > 0.3) return [viewed]
  return [
    viewed,
    track('Order Completed', 5, { total: price, currency: 'EUR', products: [product] }),
  ]
}

function complain(self: Self, what: 'Opened' | 'Closed', at: Date): JsonObject {
  const { userId, random } = self
  const properties = { complaintId: `complaint-${userId}`, topic: random.pick(topics) }
  return call(self, 'track', at, { userId, event: `Complaint ${what}`, properties })
}

const saidBy = ({ userId }: Self, word: Word, collectedAt: Date, method: string): Said => ({
  ...word,
  userId,
  collectedAt,
  method,
})
