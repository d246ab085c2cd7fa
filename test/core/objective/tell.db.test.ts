import { expect, test } from 'vitest'
import { createObjective } from '../../../core/objective/createObjective.ts'
import { tellObjectives } from '../../../core/flow/tellObjectives.ts'
import { identify, openTestApp } from '../../support/app.ts'
import { installPerformers } from '../../support/performers.ts'
import { probePackage } from '../../support/probeHost.ts'
import { readerOf } from '../../support/readerOf.ts'

const told = `({ profile, causes }) => write([...(profile.traits.probe?.value ?? []),
  ...causes.map((c) => [c.kind, c.objective, c.state, c.round].join(' '))])`

test('an agent is woken by objectives of its name, for everybody of whom its precondition holds and nobody else', async () => {
  await using app = await openTestApp()
  const { workspaceId, registry } = app
  const agent = {
    triggers: { objectives: ['raise: all'] },
    when: { 'traits.score': { $gte: 5 } },
    purpose: 'service',
    reads: { traits: ['score', 'probe'] },
  }
  const traits = [{ key: 'probe', class: 'none', purposes: ['service'] }]
  await registry.install(workspaceId, await probePackage(told, agent, 'probe', traits), 'test')
  await installPerformers(app, 'planner', { planner: ['plan', '() => finished({ tasks: [] })'] })
  for (let nth = 0; nth < 12; nth += 1) await app.send(identify(`user-${nth}`, { score: nth }))
  const create = async (name: string) =>
    createObjective(await readerOf(app, 'operator'), {
      name,
      purpose: 'service',
      metric: { kind: 'average', trait: 'score' },
      target: 100,
      roundsMax: 2,
      deadline: new Date(Date.now() + 86_400_000),
    })
  await create('another')
  await create('raise: all')
  const heard = async (user: string) => {
    const id = await app.profileOf(user)
    const [row] = await app.sql`select traits -> 'probe' as value from profile where id = ${id}`
    return row?.['value'] ?? null
  }
  const news = ['started 1', 'planned 2', 'missed 2'].map((each) => `objective raise: all ${each}`)
  await expect.poll(() => heard('user-11'), { timeout: 10_000 }).toEqual(news)
  await app.idle()
  expect(await heard('user-5')).toEqual(news)
  expect(await heard('user-4')).toBe(null)
  // All of it was told, and what a plugin that is gone was to hear is forgotten with it.
  expect(await tellObjectives(app.board)).toBe(0)
  await app.sql`insert into objective_waking (workspace_id, agent, objective_id, name, state, round, at)
    select workspace_id, 'probe/probe', id, name, 'stopped', 2, now() from objective limit 1`
  await registry.remove(workspaceId, 'probe', 'test')
  expect(await app.sql`select from objective_waking`).toEqual([])
})
