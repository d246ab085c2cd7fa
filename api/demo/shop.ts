import type { JsonObject } from '../../core/model/json.ts'
import { createCustomer, type Said } from './customer.ts'
import { createRandom } from './random.ts'

export interface ShopOptions {
  /** From 0 to 99,999. The same seed and time make the same shop, another seed makes other customers. */
  seed: number
  now: Date
  /** People who sign up; a multiple of `storyCycle` holds every story in its share. */
  customers: number
  /** People who only pass by and never say who they are. */
  passersBy: number
}

/** What is sent together; the demo waits between steps until nothing is pending. */
export interface Step {
  title: string
  /** Bodies of `POST /v1/batch`, in order. What a customer does in one step is in one batch. */
  batches: JsonObject[][]
  /** Recorded after the batches. */
  said: Said[]
}

const batchItemsMin = 150
const dayMs = 86_400_000

/** A made-up shop of the last 90 days, as the calls and consents that its systems would send. */
export function createShop({ seed, now, customers: count, passersBy }: ShopOptions): Step[] {
  const customers = Array.from({ length: count }, (_, number) => createCustomer(seed, number, now))
  const histories = batched(customers.map(({ history }) => history))
  return [
    {
      title: 'Visitors come, on several devices',
      batches: batched([
        ...customers.map(({ visits }) => visits),
        ...strangers(seed, now, passersBy),
        ...brokenCalls(seed, now),
      ]),
      said: [],
    },
    {
      title: 'Customers sign up and say what they agree to',
      batches: batched(customers.map(({ signUp }) => signUp)),
      said: customers.flatMap(({ said }) => said),
    },
    {
      title: 'Some complain',
      batches: batched(customers.map(({ complaint }) => complaint)),
      said: [],
    },
    {
      title: 'They shop; some fall silent',
      // A client that missed the answer sends its batch once more.
      batches: [...histories, ...histories.slice(0, 1)],
      said: [],
    },
    {
      title: 'Complaints are closed, consents are withdrawn',
      batches: batched(customers.map(({ later }) => later.calls)),
      said: customers.flatMap(({ later }) => later.said),
    },
  ]
}

/** Fills batches without parting what belongs together. */
function batched(groups: readonly JsonObject[][]): JsonObject[][] {
  const batches: JsonObject[][] = []
  let open: JsonObject[] = []
  for (const group of groups) {
    open.push(...group)
    if (open.length < batchItemsMin) continue
    batches.push(open)
    open = []
  }
  return open.length > 0 ? [...batches, open] : batches
}

function strangers(seed: number, now: Date, count: number): JsonObject[][] {
  const random = createRandom(seed)
  return Array.from({ length: count }, (_, number) => {
    const began = now.getTime() - random.between(1, 88) * dayMs
    return Array.from({ length: random.between(1, 4) }, (__, page) => ({
      type: 'page',
      messageId: `shop${seed}-stranger-${number}-${page}`,
      anonymousId: `shop${seed}-stranger-${number}`,
      timestamp: new Date(began + page * 60_000).toISOString(),
      name: 'Home',
    }))
  })
}

/** Calls as real clients get them wrong: each is refused by itself, and its batch goes through. */
function brokenCalls(seed: number, now: Date): JsonObject[][] {
  const base = { timestamp: now.toISOString() }
  return [
    { ...base, type: 'track', event: 'Order Completed' },
    { ...base, type: 'track', userId: `shop${seed}-visitor` },
    { ...base, type: 'purchase', userId: `shop${seed}-visitor` },
    { ...base, type: 'identify', userId: 'null', traits: { plan: 'free' } },
  ].map((broken, nth) => [{ ...broken, messageId: `shop${seed}-broken-${nth}` }])
}
