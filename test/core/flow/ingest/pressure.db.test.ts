import { expect, test } from 'vitest'
import { ingestRoutes } from '../../../../api/route/ingest.ts'
import { createSource } from '../../../../core/admin/createSource.ts'
import { watchPressure } from '../../../../core/flow/ingest/pressure.ts'
import { createIngestPort } from '../../../../core/flow/ingest/sources.ts'
import { openTestApp, track } from '../../../support/app.ts'
import { probePackage } from '../../../support/probeHost.ts'
import { readerOf } from '../../../support/readerOf.ts'

test('events are turned away while agents are too far behind, consent is not, and both go on when they caught up', async () => {
  await using app = await openTestApp({ works: false })
  const { board, intake, workspaceId } = app
  const agent = { triggers: { events: ['Order'] }, purpose: 'service' }
  const traits = [{ key: 'probe', class: 'none', purposes: ['service'] }]
  const pkg = await probePackage('() => write(1)', agent, 'probe', traits)
  await app.registry.install(workspaceId, pkg, 'test')
  const { writeKey } = await createSource(await readerOf(app, 'admin'), { name: 'shop' })
  /** As a node that starts now sees it. */
  const send = async () => {
    await using pressure = watchPressure(board, 3)
    await pressure.looked()
    const port = createIngestPort(board, intake, pressure)
    const routes = ingestRoutes({ port, clock: board.clock, log: board.log })
    const headers = {
      Authorization: `Basic ${btoa(`${writeKey}:`)}`,
      'Content-Type': 'application/json',
    }
    const post = (path: string, body: object) =>
      routes.request(path, { method: 'POST', headers, body: JSON.stringify(body) })
    const event = await post('/v1/track', { userId: 'eve', event: 'Visit' })
    const consent = await post('/v1/consent/onetrust', {})
    return { event, consent }
  }
  for (const user of ['a', 'b', 'c']) await app.send(track(user, 'Order'))
  expect((await send()).event.status).toBe(200)
  await app.send(track('d', 'Order'))
  const { event, consent } = await send()
  expect(event.status).toBe(429)
  expect(event.headers.get('retry-after')).toBe('1')
  expect(await event.json()).toMatchObject({
    error: { code: 'agenda_full', message: 'Agents are behind: more than 3 reactions wait.' },
  })
  expect(consent.status).not.toBe(429)
  await app.sql`delete from agenda where profile_id = ${await app.profileOf('d')}`
  expect((await send()).event.status).toBe(200)
})
