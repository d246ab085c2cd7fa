import { expect, test } from 'vitest'
import { startFlow } from '../../core/flow/flow.ts'
import { createRealignment } from '../../core/flow/realign.ts'
import { shippedPolicy } from '../../policies/shipped.ts'
import { activatePolicy } from '../support/activatePolicy.ts'
import { openTestApp, testClock, track, type TestApp } from '../support/app.ts'
import { probePackage } from '../support/probeHost.ts'

async function install(app: TestApp): Promise<void> {
  const agent = { triggers: { events: ['Order'] }, purpose: 'service', deadlineMs: 60_000 }
  const traits = [{ key: 'probe', class: 'none', purposes: ['service'] }]
  const pkg = await probePackage('() => write(1)', agent, 'probe', traits)
  await app.registry.install(app.workspaceId, pkg, 'test')
}

async function valueOf(app: TestApp, name: string, labels: object = {}): Promise<number> {
  const text = await app.metrics.registry.getMetricsAsJSON()
  const values = text.flatMap((metric) =>
    metric.values.map((each) => ({
      ...each,
      name: 'metricName' in each ? each.metricName : metric.name,
    })),
  )
  const found = values.find(
    (each) =>
      each.name === name && expect.objectContaining(labels).asymmetricMatch({ ...each.labels }),
  )
  return found?.value ?? NaN
}

test('tells what agents took and the platform beside them, and which deadlines were met', async () => {
  const clock = testClock()
  await using app = await openTestApp({ clock })
  await install(app)
  await app.send(track('ada', 'Order'))
  await app.idle()
  // Written while nobody worked, and begun too late; a worker died that had it.
  await app.sql`
    insert into worker (id, lease_expires_at) values ('dead', clock_timestamp() - interval '3 seconds')`
  await app.sql`
    insert into agenda (workspace_id, profile_id, agent, priority, rank, causes, hop, deadline, enqueued_at, lease_owner)
    values (${app.workspaceId}, ${await app.profileOf('ada')}, 'probe/probe', 50, -50, '{m:1}', 0,
      ${new Date(clock.now().getTime() - 1000).toISOString()}, now(), 'dead')`
  await expect
    .poll(() => valueOf(app, 'slateboard_recovery_seconds_count'), { timeout: 10_000 })
    .toBe(1)
  await app.idle()
  const deadlines = 'slateboard_reaction_deadlines_total'
  expect(await valueOf(app, deadlines, { result: 'met' })).toBe(1)
  expect(await valueOf(app, deadlines, { result: 'missed' })).toBe(1)
  const seconds = 'slateboard_reaction_seconds_total'
  expect(await valueOf(app, seconds, { part: 'agents' })).toBeGreaterThan(0)
  expect(await valueOf(app, seconds, { part: 'platform' })).toBeGreaterThan(0)
  const agent = { agent: 'probe/probe' }
  expect(await valueOf(app, 'slateboard_agent_window', agent)).toBeGreaterThan(0)
  expect(await valueOf(app, 'slateboard_agent_calls_total', agent)).toBe(2)
  expect(await valueOf(app, 'slateboard_agent_cpu_seconds_total', agent)).toBeGreaterThan(0)
  expect(await valueOf(app, 'slateboard_agent_denials_total', agent)).toBe(0)
  expect(await valueOf(app, 'slateboard_agent_bytes_total', agent)).toBe(0)
  // Its lease ran two seconds from its last beat, and ended three seconds ago.
  expect(await valueOf(app, 'slateboard_recovery_seconds_sum')).toBeCloseTo(5, 0)
})

test('a change of policy is through once nothing is left that waited before it', async () => {
  await using app = await openTestApp({ works: false })
  await install(app)
  const realignment = createRealignment(app.board)
  await app.send(track('ada', 'Order'))
  await activatePolicy(app, shippedPolicy().document, 2)
  expect(await realignment.look()).toBe(1)
  const count = () => valueOf(app, 'slateboard_realignment_seconds_count', { change: 'policy' })
  expect(await count()).toBeNaN()
  await using flow = startFlow(app)
  await flow.idle()
  await app.send(track('bob', 'Order'))
  expect(await realignment.look()).toBe(0)
  expect(await realignment.look()).toBe(0)
  expect(await count()).toBe(1)
  const sum = await valueOf(app, 'slateboard_realignment_seconds_sum', { change: 'policy' })
  expect(sum).toBeGreaterThan(0)
  expect(sum).toBeLessThan(30)
})
