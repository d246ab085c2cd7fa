import type { IncomingEvent } from '../../../core/model/event.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import type { Slateboard } from '../../../core/open.ts'
import { inChunks, source, trackOf } from '../bench.ts'
import { stated, valueOf } from './crew.ts'
import { seeded, zipf } from './random.ts'

/** Changes that come, numbered from 1 on. */
export interface Changes {
  next(): IncomingEvent
  /** As many as are wanted, and nobody waits for another: committed by the thousand. */
  submit(count: number): Promise<void>
}

/** `count` profiles with 40 traits each, and an endless row of changes to them that comes again with its seed. */
export async function openPeople(app: Slateboard, count: number): Promise<Changes> {
  const random = seeded(10_000)
  const mark = (): number => Math.floor(random() * 100)
  const whole = (): JsonObject => Object.fromEntries(stated.map((key) => [key, valueOf(mark(), 0)]))
  const users = Array.from({ length: count }, (_, n) => `person-${n}`)
  await submitAll(
    app,
    users.map((user) => identifyOf(app, user, whole())),
  )
  const rank = zipf(count, random)
  let n = 0
  const next = (): IncomingEvent => {
    n += 1
    const key = stated[Math.floor(random() * stated.length)] ?? ''
    return identifyOf(app, users[rank()] ?? '', { [key]: valueOf(mark(), n) })
  }
  return {
    next,
    submit: (wanted) => submitAll(app, Array.from({ length: wanted }, next)),
  }
}

const submitAll = (app: Slateboard, events: readonly IncomingEvent[]): Promise<void> =>
  inChunks(events, 1000, (chunk) => app.intake.submit(source, chunk))

const identifyOf = (app: Slateboard, user: string, traits: JsonObject): IncomingEvent => ({
  ...trackOf(app, user, '', 0),
  type: 'identify',
  properties: {},
  traits,
})
