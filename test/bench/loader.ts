/** The load process: keeps `connections` requests under way for `seconds`, then tells how it went. */
import { quantile } from './figure.ts'
import { loadSchema, type Load } from './load.ts'
import { Wire } from './wire.ts'

const load = loadSchema.parse(JSON.parse(process.argv[2] ?? '{}'))
const times: number[] = []
let failures = 0
let next = 0

const bodies: Record<Load['bench'], () => string> = { ingest: ingestBody, query: queryBody }
const paths = { ingest: load.batch === 1 ? '/v1/track' : '/v1/batch', query: '/graphql' }

function ingestBody(): string {
  const items = Array.from({ length: load.batch }, () => itemOf(next++))
  return JSON.stringify(
    load.batch === 1 ? { ...items[0], type: 'track', event: 'Product Viewed' } : { batch: items },
  )
}

function itemOf(n: number): object {
  const person = Math.floor(Math.random() * load.people)
  const userId = `user-${person}`
  const messageId = `${process.pid}-${n}`
  const timestamp = new Date().toISOString()
  const base = {
    messageId,
    userId,
    timestamp,
    context: { library: { name: 'bench', version: '1' } },
  }
  if (n % 10 === 0) {
    const traits = {
      email: `${userId}@example.org`,
      plan: ['free', 'pro'][person % 2],
      seats: person % 7,
    }
    return { ...base, type: 'identify', traits }
  }
  const anonymous = person % 10 === 0 ? { anonymousId: `cookie-${person}` } : {}
  const properties = { sku: `sku-${n % 500}`, price: n % 100, currency: 'EUR' }
  return { ...base, ...anonymous, type: 'track', event: 'Product Viewed', properties }
}

const query = `query ($value: String!) { profile(by: { namespace: "user_id", value: $value }) {
  id traits { key value confidence } redactions { key reason } identifiers { namespace value } } }`

function queryBody(): string {
  return JSON.stringify({
    query,
    variables: { value: `user-${Math.floor(Math.random() * load.people)}` },
  })
}

const headers = {
  'content-type': 'application/json',
  authorization:
    load.bench === 'ingest'
      ? `Basic ${Buffer.from(`${load.writeKey}:`).toString('base64')}`
      : `Bearer ${load.writeKey}`,
}

async function lane(until: number): Promise<void> {
  const wire = new Wire(new URL(paths[load.bench], load.url), headers)
  const makeBody = bodies[load.bench]
  while (performance.now() < until) {
    const body = makeBody()
    const started = performance.now()
    if (await wire.send(body)) times.push(performance.now() - started)
    else failures += 1
  }
  wire.close()
}

const started = performance.now()
const until = started + load.seconds * 1000
await Promise.all(Array.from({ length: load.connections }, () => lane(until)))
process.send?.({
  requests: times.length,
  failures,
  seconds: (performance.now() - started) / 1e3,
  p50: quantile(times, 0.5),
  p95: quantile(times, 0.95),
})
