import { createPublicKey } from 'node:crypto'
import { auditUse } from '../../core/flow/checkpoint.ts'
import type { IncomingEvent } from '../../core/model/event.ts'
import { eraseSubject } from '../../core/subject/erase.ts'
import { isReceiptSignedBy } from '../../core/subject/receipt.ts'
import { inChunks, openBench, source, trackOf, type Bench } from './bench.ts'
import { quantile, type Report } from './figure.ts'

const eventsEach = 10_000
/** As many again are deleted in plain SQL. */
const people = 3

/**
 * Erasing a person with 10,000 events, a tenth of which hold sealed values: from the call to the commit, signed
 * receipt included. Beside it the deletion of as many rows of another such person in plain SQL, in one transaction.
 */
export async function benchErase(report: Report): Promise<void> {
  await using bench = await openBench({ works: false })
  const { app } = bench
  const persons = Array.from({ length: 2 * people }, (_, n) => n)
  for (const n of persons) await fill(bench, `user-${n}`)
  const key = createPublicKey(app.board.vault.signingKey(auditUse))
  const times: number[] = []
  const raw: number[] = []
  for (const n of persons) {
    const profileId = await profileOf(bench, `user-${n}`)
    const started = performance.now()
    if (n % 2 === 0) await deleteRaw(bench, profileId)
    else {
      const receipt = await eraseSubject(app.board, app.workspaceId, {
        profileId,
        requestId: null,
        reason: 'consent_withdrawn',
        actor: 'system',
      })
      if (receipt.deleted['event'] !== eventsEach || !isReceiptSignedBy(receipt, key)) {
        throw new TypeError('the receipt does not say what was erased')
      }
    }
    ;(n % 2 === 0 ? raw : times).push(performance.now() - started)
  }
  const base = { bench: 'erase', engine: bench.engine, events: eventsEach, people }
  const value = quantile(times, 0.5)
  report({
    ...base,
    value,
    figure: 'erase.p50',
    unit: 'ms',
    baseline: 'raw-sql',
    ratio: value / quantile(raw, 0.5),
  })
  report({ ...base, figure: 'erase.max', value: Math.max(...times), unit: 'ms' })
  report({ ...base, figure: 'raw-sql.p50', value: quantile(raw, 0.5), unit: 'ms' })
}

async function fill({ app }: Bench, user: string): Promise<void> {
  const numbers = Array.from({ length: eventsEach }, (_, n) => n)
  await inChunks(numbers, 1000, (chunk) =>
    app.intake.submit(
      source,
      chunk.map((n) => eventOf({ app }, user, n)),
    ),
  )
}

function eventOf({ app }: Pick<Bench, 'app'>, user: string, n: number): IncomingEvent {
  const event = trackOf(app, user, 'Product Viewed', n)
  const email = `${user}@example.org`
  if (n > 0)
    return { ...event, properties: n % 10 === 0 ? { n, email } : { n, sku: `sku-${n % 500}` } }
  const cookies = Array.from({ length: 5 }, (_, at) => ({
    namespace: 'anonymous_id',
    value: `${user}-cookie-${at}`,
  }))
  return {
    ...event,
    type: 'identify',
    identifiers: [...event.identifiers, { namespace: 'email', value: email }, ...cookies],
    traits: { email, name: user, plan: 'pro', city: 'Rome' },
  }
}

async function profileOf({ app }: Bench, user: string): Promise<string> {
  const [row] = await app.board.db.sql<{ id: string }[]>`
    select profile_id as id from identifier where namespace = 'user_id' and value = ${user}`
  return row?.id ?? ''
}

/** The same rows by the same keys, table by table. */
async function deleteRaw({ app }: Bench, profileId: string): Promise<void> {
  await app.board.db.sql.begin(async (tx) => {
    await tx`
      with gone as (
        delete from event where workspace_id = 1 and profile_id = ${profileId} returning message_id
      )
      delete from message where workspace_id = 1 and key = any(array(
        select substr(encode(sha256(convert_to(message_id, 'UTF8')), 'hex'), 1, 32)::uuid from gone))`
    for (const table of ['change', 'vault', 'profile_key', 'agenda', 'identifier', 'legal_state']) {
      await tx`delete from ${tx(table)} where workspace_id = 1 and profile_id = ${profileId}`
    }
    await tx`delete from profile where workspace_id = 1 and id = ${profileId}`
  })
}
