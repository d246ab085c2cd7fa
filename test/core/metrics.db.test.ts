import { expect, test } from 'vitest'
import { openTestApp, testClock, track } from '../support/app.ts'
import { probePackage } from '../support/probeHost.ts'

test('tells what agents took and the platform beside them, and which deadlines were met', async () => {
  const clock = testClock()
  await using app = await openTestApp({ clock })
  const agent = { triggers: { events: ['Order'] }, purpose: 'service', deadlineMs: 60_000 }
  const traits = [{ key: 'probe', class: 'none', purposes: ['service'] }]
  const pkg = await probePackage('() => write(1)', agent, 'probe', traits)
  await app.registry.install(app.workspaceId, pkg, 'test')
  await app.send(track('ada', 'Order'))
  await app.idle()
  // Written while nobody worked, and begun too late.
  await app.sql`
    insert into agenda (workspace_id, profile_id, agent, priority, rank, causes, hop, deadline, enqueued_at)
    values (${app.workspaceId}, ${await app.profileOf('ada')}, 'probe/probe', 50, -50, '{m:1}', 0,
      ${new Date(clock.now().getTime() - 1000).toISOString()}, now())`
  app.board.signals.send('agenda')
  await app.idle()
  const valueOf = async (name: string, labels: object): Promise<number> => {
    const { values } = (await app.metrics.registry.getSingleMetric(name)?.get()) ?? { values: [] }
    const found = values.find((each) =>
      expect.objectContaining(labels).asymmetricMatch(each.labels),
    )
    return found?.value ?? NaN
  }
  const deadlines = 'slateboard_reaction_deadlines_total'
  expect(await valueOf(deadlines, { result: 'met' })).toBe(1)
  expect(await valueOf(deadlines, { result: 'missed' })).toBe(1)
  const seconds = 'slateboard_reaction_seconds_total'
  expect(await valueOf(seconds, { part: 'agents' })).toBeGreaterThan(0)
  expect(await valueOf(seconds, { part: 'platform' })).toBeGreaterThan(0)
  expect(await valueOf('slateboard_agent_window', { agent: 'probe/probe' })).toBeGreaterThan(0)
})
