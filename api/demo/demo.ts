import { z } from 'zod'
import { activationStates } from '../../core/model/activation.ts'
import { fail } from '../../core/errors.ts'
import type { JsonObject } from '../../core/model/json.ts'
import { connectTo, errorFields, refuseErrors, userErrors, type Client } from '../cli/client.ts'
import { createSource } from '../cli/createSource.ts'
import type { Said } from './customer.ts'
import { reportLines, type Sent } from './report.ts'
import { createShop, type ShopOptions, type Step } from './shop.ts'
import { storyCycle } from './story.ts'

export interface DemoOptions extends Partial<ShopOptions> {
  /** The running server. */
  url: string
  adminKey: string
  write(line: string): void
}

export const shopDefaults = { seed: 26, customers: 6 * storyCycle, passersBy: 60 } as const

const consentsAtOnce = 8
const lookEveryMs = 150
/** A server that is busy with other things is not waited for longer than this after each step. */
const settleMsMax = 60_000

/**
 * Sends the made-up shop to a running server the way its systems would: events by the HTTP API, consents by
 * GraphQL, and then tells what agents and gate made of them.
 *
 * @throws command_failed when the server does not answer, or refuses
 */
export async function runDemo({ url, adminKey, write, ...options }: DemoOptions): Promise<Outcome> {
  await using client = connectTo(url, adminKey)
  const began = performance.now()
  const shop = { ...shopDefaults, now: new Date(), ...options }
  const { writeKey } = await createSource(client, 'Demo shop')
  const before = await summaryOf(client)
  const sent: Sent = { accepted: 0, duplicates: 0, rejected: new Map(), consents: 0 }
  write('')
  write(`Demo: a made-up shop with ${shop.customers} customers sends 90 days of events`)
  for (const step of createShop(shop)) {
    await runStep({ client, url, writeKey, sent }, step)
    write(`  ${seconds(began)}  ${step.title}`)
  }
  const [after, pending] = await Promise.all([summaryOf(client), pendingOf(client)])
  const outcome = { sent, before, after, pending }
  for (const line of reportLines(outcome)) write(line)
  return outcome
}

export interface Outcome {
  sent: Sent
  before: Summary
  after: Summary
  /** Not 0 when the server had too much else to do. */
  pending: number
}

const seconds = (since: number): string =>
  `${((performance.now() - since) / 1000).toFixed(1)} s`.padStart(7)

interface Door {
  client: Client
  url: string
  writeKey: string
  sent: Sent
}

async function runStep(door: Door, { batches, said }: Step): Promise<void> {
  for (const batch of batches) await sendBatch(door, batch)
  const left = said.values()
  // Several at once, as from many browsers; one customer's words stay in order.
  const byCustomer = [...Map.groupBy(left, ({ userId }) => userId).values()].values()
  const speak = async (): Promise<void> => {
    for (const words of byCustomer) for (const word of words) await recordConsent(door, word)
  }
  await Promise.all(Array.from({ length: consentsAtOnce }, speak))
  await settle(door.client)
}

const receiptSchema = z.object({
  accepted: z.int(),
  duplicates: z.int(),
  rejected: z.array(z.object({ code: z.string() })),
})

async function sendBatch({ url, writeKey, sent }: Door, batch: JsonObject[]): Promise<void> {
  const response = await fetch(new URL('/v1/batch', url), {
    method: 'POST',
    headers: {
      Authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ batch }),
  })
  if (!response.ok) {
    const reason = `The server answered ${response.status} to a batch of events.`
    throw fail('command_failed', { reason, remedy: 'See the log of the server.' })
  }
  const { accepted, duplicates, rejected } = receiptSchema.parse(await response.json())
  sent.accepted += accepted
  sent.duplicates += duplicates
  for (const { code } of rejected) sent.rejected.set(code, (sent.rejected.get(code) ?? 0) + 1)
}

const consentSchema = z.object({ recordConsent: z.object({ errors: userErrors }) })

async function recordConsent({ client, sent }: Door, said: Said): Promise<void> {
  const { userId, purpose, channel, decision, collectedAt, method } = said
  const { recordConsent: recorded } = await client.ask(
    consentSchema,
    `mutation ($input: RecordConsentInput!) { recordConsent(input: $input) { ${errorFields} } }`,
    {
      input: {
        subject: {
          namespace: 'user_id',
          value: userId,
        },
        purpose,
        channel,
        decision,
        collectedAt,
        proof: {
          method,
          noticeId: 'privacy',
          noticeVersion: '3',
          language: 'en',
        },
      },
    },
  )
  refuseErrors(recorded.errors)
  sent.consents += 1
}

const summarySchema = z.object({
  events: z.int(),
  profiles: z.int(),
  merged: z.int(),
  reactions: z.array(z.object({ agent: z.string(), count: z.int() })),
  activations: z.array(
    z.object({
      state: z.enum(activationStates.map((state) => state.toUpperCase())),
      reason: z.string().nullable(),
      count: z.int(),
    }),
  ),
})
export type Summary = z.infer<typeof summarySchema>

async function summaryOf(client: Client): Promise<Summary> {
  const { summary } = await client.ask(
    z.object({ summary: summarySchema }),
    `{ summary { events profiles merged
      reactions { agent count } activations { state reason count } } }`,
  )
  return summary
}

const pendingOf = async (client: Client): Promise<number> =>
  (await client.ask(z.object({ pending: z.int() }), '{ pending }')).pending

/** Waits until nothing is pending: what one step leaves is in the database with the end of that step. */
async function settle(client: Client): Promise<void> {
  const until = performance.now() + settleMsMax
  while (performance.now() < until && (await pendingOf(client)) > 0) {
    const { promise, resolve } = Promise.withResolvers<void>()
    setTimeout(resolve, lookEveryMs)
    await promise
  }
}
