import { expect, test } from 'vitest'
import { openCli } from '../../support/cli.ts'

async function open() {
  const cli = await openCli()
  await cli.profile({ id: '01A', identifiers: { user_id: 'u1' } })
  for (const [agent, rank, parked] of [
    ['p/one', -50, null],
    ['p/two', null, 'dead'],
    ['p/three', null, 'halted'],
  ] as const) {
    await cli.sql`
      insert into agenda (workspace_id, profile_id, agent, priority, rank, parked, causes, hop, attempts, last_error,
        enqueued_at)
      values (${cli.workspaceId}, '01A', ${agent}, 50, ${rank}, ${parked}, '{m:01C}', 0, 6, 'plugin_threw',
        ${cli.board.clock.now()})`
  }
  return cli
}

test('the agenda is listed and counted for people and programs', async () => {
  await using cli = await open()
  const { out } = await cli.run('agenda', 'list', '--parked', 'dead')
  expect(out).toMatch(/^reaction .*\n\S+ +p\/two +dead +plugin_threw +6 +It failed 6 times/)
  const listed: unknown = JSON.parse((await cli.run('agenda', 'list', '--json')).out)
  expect(listed).toMatchObject([
    { agent: 'p/one', state: 'pending', parked: null, causes: [{ kind: 'manual', count: 1 }] },
    { agent: 'p/two', state: 'parked', parked: 'dead' },
    { agent: 'p/three', state: 'parked', parked: 'halted' },
  ])
  const shown = await cli.run('agenda', 'show')
  expect(shown.out).toMatch(/\nall +1 +0 +0 +dead 1,halted 1 +0$/)
  const told: unknown = JSON.parse((await cli.run('agenda', 'show', '--json')).out)
  expect(told).toMatchObject({ agenda: { pending: 1, running: 0 }, agents: [] })
  const mistaken = await cli.run('agenda', 'list', '--parked', 'gone')
  expect([mistaken.code, mistaken.complaints]).toEqual([2, expect.stringContaining('halted')])
})

test('what is parked is released, and what waits dropped', async () => {
  await using cli = await open()
  const [, dead]: { id: string }[] = JSON.parse((await cli.run('agenda', 'list', '--json')).out)
  expect((await cli.run('agenda', 'release', dead?.id ?? '')).out).toBe('Released 1.')
  expect((await cli.run('agenda', 'release', '--parked', 'halted', '--json')).out).toBe(
    '{"count":1}',
  )
  const drop = ['agenda', 'drop', '--agent', 'p/one'] as const
  expect((await cli.run(...drop, '--reason', 'test')).out).toBe('Dropped 1.')
  expect((await cli.run(...drop)).complaints).toMatch(/--reason/)
  const nothing = await cli.run('agenda', 'release')
  expect([nothing.code, nothing.complaints]).toEqual([1, expect.stringContaining('either ids')])
  const operator = cli.as((await cli.principal('operator')).key)
  const refused = await operator('agenda', 'release', '--parked', 'dead')
  expect([refused.code, refused.complaints]).toEqual([
    1,
    expect.stringContaining('administer Plugin'),
  ])
})

test('an agent is run for one person, who is named one way (refused for an agent that is not in service)', async () => {
  await using cli = await open()
  const unknown = await cli.run('agenda', 'run', 'p/one', '--user', 'u1')
  expect([unknown.code, unknown.complaints]).toEqual([
    1,
    expect.stringContaining('No plugin in service has an agent p/one.'),
  ])
  for (const whom of [[], ['--user', 'u1', '--person', 'user_id=u1']]) {
    const { code, complaints } = await cli.run('agenda', 'run', 'p/one', ...whom)
    expect([code, complaints]).toEqual([1, expect.stringContaining('either --user or --person')])
  }
})

test('the graph of agents is printed a line an edge', async () => {
  await using cli = await open()
  expect((await cli.run('agenda', 'graph')).out).toBe('None yet.')
  await putInService(cli)
  expect((await cli.run('agenda', 'graph')).out).toBe(
    [
      'outside -> p/one (event Order)',
      'p/one -> p/two (trait score)',
      'p/two -> p/one (trait answer)',
      'ring: p/one → p/two → p/one',
    ].join('\n'),
  )
  const told: unknown = JSON.parse((await cli.run('agenda', 'graph', '--json')).out)
  expect(told).toMatchObject({ nodes: [{ agent: 'p/one' }, { agent: 'p/two' }] })
})

type Cli = Awaited<ReturnType<typeof open>>

async function putInService(cli: Cli): Promise<void> {
  await cli.sql`
    insert into plugin_version (workspace_id, plugin_id, digest, version, manifest, bundle, installed_by, installed_at)
    select ${cli.workspaceId}, 'p', 'd', '1.0.0', ${JSON.stringify(manifest)}::text::jsonb, '', 'test', now()`
  await cli.sql`
    insert into plugin (workspace_id, id, digest, state, updated_at)
    values (${cli.workspaceId}, 'p', 'd', 'active', now())`
}

test('an agent gets its turn earlier or later, for a reason that is told', async () => {
  await using cli = await open()
  await putInService(cli)
  const weigh = ['agenda', 'weight', 'p/one'] as const
  expect((await cli.run(...weigh, '-20', '--reason', 'night')).out).toBe(
    'p/one gets its turn 20 points later than by its own priority.',
  )
  expect((await cli.run('agenda', 'weight')).out).toMatch(/\np\/one +-20 +night /)
  expect((await cli.run(...weigh, '0', '--reason', 'day')).out).toMatch(/by its own priority/)
  expect((await cli.run('agenda', 'weight')).out).toBe('None yet.')
  for (const wrong of [
    [...weigh, '5'],
    [...weigh, '5.5', '--reason', 'x'],
    [...weigh, '--reason', 'x'],
  ]) {
    expect((await cli.run(...wrong)).code, wrong.join(' ')).not.toBe(0)
  }
})

test('an agent that is in service is counted for itself, and run for one person', async () => {
  await using cli = await open()
  await putInService(cli)
  expect((await cli.run('agenda', 'show')).out).toMatch(/\np\/two +0 +0 +0 +dead 1 +-\n/)
  await cli.sql`delete from agenda`
  for (const whom of [
    ['--user', 'u1'],
    ['--person', 'user_id=u1'],
  ]) {
    const { out } = await cli.run('agenda', 'run', 'p/one', ...whom)
    expect(out).toMatch(/\n\S+ +p\/one +pending +- +0 +-$/)
  }
  const [row] = JSON.parse((await cli.run('agenda', 'list', '--json')).out)
  expect(row).toMatchObject({ agent: 'p/one', causes: [{ kind: 'manual', count: 2 }] })
})

const agent = (id: string, events: string[], traits: string[], writes: string[]) => ({
  id,
  purpose: 'service',
  // As an earlier version of the product stored it: without what has come since.
  triggers: { events, traits },
  reads: { traits: [], pii: [], events: {} },
  writes,
  needs: [],
  priority: 50,
  rating: 0,
})

const manifest = {
  id: 'p',
  name: 'P',
  version: '1.0.0',
  apiVersion: 1,
  engines: { slateboard: '*' },
  main: 'plugin.ts',
  agents: [agent('one', ['Order'], ['answer'], ['score']), agent('two', [], ['score'], ['answer'])],
}
