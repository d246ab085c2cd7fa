import { setTimeout as wait } from 'node:timers/promises'
import { startFlow } from '../../../core/flow/flow.ts'
import type { Bench } from '../bench.ts'
import { quantile, type Report } from '../figure.ts'
import { openSink } from '../openSink.ts'
import { openPeople } from './people.ts'

const people = 400
/** How many write to people all the time. */
const senders = 16

/**
 * Withdrawals while everybody is written to again and again: from the moment a withdrawal is asked for until it
 * has committed and the last message to that person has arrived; and until the receiver knows of the opt-out.
 */
export async function benchEffect({ app, engine }: Bench, report: Report): Promise<void> {
  await using sink = await openSink()
  const prefix = 'effect'
  const { propose, say, users } = await openPeople(app, { count: people, url: sink.url, prefix })
  await using flow = startFlow(app)
  const stop = new AbortController()
  let next = 0
  const sending = Array.from({ length: senders }, async () => {
    while (!stop.signal.aborted) {
      next += 1
      await propose(users[next % people] ?? '')
    }
  })
  await wait(1000)
  await sink.take()
  const withdrawn = new Map<string, { asked: number; committed: number }>()
  for (const user of users) {
    const asked = performance.timeOrigin + performance.now()
    const { profileId } = await say(user, 'withdrawn')
    withdrawn.set(profileId, { asked, committed: performance.timeOrigin + performance.now() })
    await wait(2)
  }
  stop.abort()
  await Promise.all(sending)
  await flow.idle()
  const arrivals = await sink.take()
  const lastOf = Map.groupBy(arrivals, ({ profile }) => profile)
  const effects: number[] = []
  const optOuts: number[] = []
  for (const [profile, { asked, committed }] of withdrawn) {
    const arrived = lastOf.get(profile) ?? []
    const last = arrived.findLast(({ type }) => type === 'activation')?.at ?? 0
    effects.push(Math.max(committed, last) - asked)
    const told = arrived.find(({ type }) => type === 'opt_out')
    if (told) optOuts.push(told.at - asked)
  }
  const base = { bench: 'gate', engine, unit: 'ms', sending: next }
  for (const [figure, samples] of [
    ['withdrawalToEffect', effects],
    ['withdrawalToOptOutDownstream', optOuts],
  ] as const) {
    for (const [name, q] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      const value = quantile(samples, q)
      report({ ...base, figure: `${figure}.${name}`, value, withdrawals: samples.length })
    }
  }
}
