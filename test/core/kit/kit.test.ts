import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { benchAgents } from '../../../core/kit/bench.ts'
import { createPlugin } from '../../../core/kit/create.ts'
import { followFolder } from '../../../core/kit/follow.ts'
import { lintPackage } from '../../../core/kit/lint.ts'
import { policyOf } from '../../../core/kit/policy.ts'
import { keyOf, openSession } from '../../../core/kit/session.ts'
import { readPackage } from '../../../core/host/package.ts'
import type { JsonObject } from '../../../core/model/json.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function newPlugin(id = 'first-order'): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'slateboard-kit-'))
  folders.push(parent)
  return (await createPlugin(parent, id, '0.1.0')).folder
}

/** Changes one JSON file of the plugin. */
async function edit(
  folder: string,
  file: string,
  change: (value: JsonObject) => void,
): Promise<void> {
  const path = join(folder, file)
  const value: JsonObject = JSON.parse(await readFile(path, 'utf8'))
  change(value)
  await writeFile(path, JSON.stringify(value))
}

const shipped = { policy: policyOf(undefined) }

test('a new plugin answers its fixtures, and has nothing to mend', async () => {
  const folder = await newPlugin()
  await using session = openSession(folder, shipped)
  const { rehearsed } = await session.take()
  expect(rehearsed.map(({ name, verdict, problem }) => [name, verdict, problem])).toEqual([
    ['first-order', 'new', null],
    ['third-order', 'new', null],
  ])
  expect(lintPackage(await readPackage(folder))).toEqual([])
})

test.each(['Plugin', 'a b', '../x', '', 'x'.repeat(61)])(
  'refuses to make a plugin called "%s"',
  async (id) => {
    await expect(newPlugin(id)).rejects.toMatchObject({ code: 'plugin_name_invalid' })
  },
)

test('leaves alone what is there already', async () => {
  const folder = await newPlugin()
  await expect(createPlugin(join(folder, '..'), 'first-order', '0.1.0')).rejects.toMatchObject({
    code: 'plugin_name_taken',
  })
})

test('holds answers against the recorded ones, and names each place that differs', async () => {
  const folder = await newPlugin()
  await using session = openSession(folder, shipped)
  await session.record(await session.take())
  expect((await session.take()).rehearsed.map(({ verdict }) => verdict)).toEqual(['same', 'same'])
  const code = await readFile(join(folder, 'plugin.ts'), 'utf8')
  await writeFile(join(folder, 'plugin.ts'), code.replace('thanksAfter = 3', 'thanksAfter = 4'))
  const after = await session.take()
  expect(after.loadMs).not.toBeNull()
  expect(after.rehearsed.map(({ verdict }) => verdict)).toEqual(['same', 'changed'])
  expect(after.rehearsed[1]?.differences).toEqual([
    expect.stringMatching(/^activations was \[.*thank-you.*\], is \[\]$/),
  ])
})

test('code that does not load is told, and the code before goes on', async () => {
  const folder = await newPlugin()
  await using session = openSession(folder, shipped)
  await session.take()
  const code = await readFile(join(folder, 'plugin.ts'), 'utf8')
  await writeFile(join(folder, 'plugin.ts'), 'throw new Error("broken")')
  await expect(session.take()).rejects.toMatchObject({ code: 'plugin_load_failed' })
  await writeFile(join(folder, 'plugin.ts'), code)
  expect((await session.take()).rehearsed).toHaveLength(2)
})

test('tells which consent a refused proposal lacks and what would turn it round', async () => {
  const folder = await newPlugin()
  await using session = openSession(folder, shipped)
  const [, granted] = (await session.take()).rehearsed
  expect(granted?.decisions).toMatchObject([{ outcome: 'allow', remedy: '' }])
  await edit(folder, 'fixtures/third-order.json', (fixture) => {
    fixture['person'] = { jurisdiction: 'DE' }
  })
  const [, refused] = (await session.take()).rehearsed
  expect(refused?.decisions).toMatchObject([{ outcome: 'refuse', reason: 'no_consent' }])
  expect(refused?.decisions[0]?.remedy).toMatch(/consent|grant/i)
})

test('withholds what the policy would withhold, and names the rule', async () => {
  const folder = await newPlugin()
  const forbid = {
    id: 'agents-see-no-counts',
    sentence: 'Agents see no order counts.',
    reason: 'counts_are_not_for_agents',
    effect: 'forbid',
    agents: ['*'],
    action: 'read',
    subject: 'Profile',
    purposes: ['*'],
    fields: ['trait:first_order_orders'],
  }
  const document = { ...shipped.policy.document, tests: [] }
  const policy = policyOf(JSON.stringify({ ...document, rules: [...document.rules, forbid] }))
  await using session = openSession(folder, { policy })
  const [, third] = (await session.take()).rehearsed
  expect(third?.withheld).toMatchObject([{ trait: 'first_order_orders', rule: forbid.id }])
  // As in production: what is withheld is not handed over, so it starts at one.
  expect(third?.answer).toMatchObject({ writes: { first_order_orders: { value: 1 } } })
})

test('shows agents the clock that was asked for', async () => {
  const folder = await newPlugin()
  await writeFile(
    join(folder, 'plugin.ts'),
    `import { cancel, definePlugin } from 'slateboard/plugin'
     export default definePlugin({ agents: { count: ({ now }) => cancel(now) } })`,
  )
  await using session = openSession(folder, { ...shipped, now: '2030-02-03T04:05:06.000Z' })
  const [first] = (await session.take()).rehearsed
  expect(first?.answer).toEqual({ kind: 'cancel', reason: '2030-02-03T04:05:06.000Z' })
})

test('says what the agent threw, as production would', async () => {
  const folder = await newPlugin()
  await writeFile(
    join(folder, 'plugin.ts'),
    `import { definePlugin } from 'slateboard/plugin'
     export default definePlugin({ agents: { count: () => { throw new Error('no idea') } } })`,
  )
  await using session = openSession(folder, shipped)
  const [first] = (await session.take()).rehearsed
  expect(first).toMatchObject({
    answer: { error: 'plugin_threw' },
    problem: expect.stringContaining('no idea'),
  })
})

test.each([
  ['no JSON', '{', 'it is not JSON'],
  ['an unknown key', '{"agent":"count","trait":{}}', 'Unrecognized key'],
  ['a time that is none', '{"agent":"count","now":"yesterday"}', 'now:'],
])('refuses a fixture with %s, naming the file', async (_, text, reason) => {
  const folder = await newPlugin()
  await writeFile(join(folder, 'fixtures', 'first-order.json'), text)
  await using session = openSession(folder, shipped)
  await expect(session.take()).rejects.toMatchObject({
    code: 'fixture_invalid',
    message: expect.stringMatching(new RegExp(`first-order\\.json.*${reason}`)),
  })
})

test('advises on what is valid and still worth mending', async () => {
  const folder = await newPlugin()
  await edit(folder, 'plugin.json', (manifest) => {
    delete manifest['description']
    const text = JSON.stringify(manifest['agents'])
      .replace('"traits":["first_order_orders"]', '"traits":["first_order_orders","never_used"]')
      .replace('"Order Completed"', '"*"')
    manifest['agents'] = JSON.parse(text)
  })
  const places = lintPackage(await readPackage(folder)).map(({ place }) => place)
  expect(places).toEqual(['description', 'agents.count.reads', 'agents.count.triggers'])
})

test('names a ring of agents that wake each other', async () => {
  const folder = await newPlugin()
  await edit(folder, 'plugin.json', (manifest) => {
    manifest['agents'] = JSON.parse(
      JSON.stringify(manifest['agents']).replace(
        '"triggers":{',
        '"triggers":{"traits":["first_order_orders"],',
      ),
    )
  })
  const [ring] = lintPackage(await readPackage(folder))
  expect(ring?.text).toContain('first-order/count → first-order/count')
})

test('measures an agent beside one that does nothing', async () => {
  const folder = await newPlugin()
  await using session = openSession(folder, shipped)
  const { pkg } = await session.take()
  const [speed] = await benchAgents(session.host, keyOf(pkg), session.fixtures, 0.2)
  expect(speed?.agent).toBe('count')
  expect(speed?.itemsPerSecond).toBeGreaterThan(0)
  expect(speed?.p99).toBeGreaterThanOrEqual(speed?.p50 ?? Number.POSITIVE_INFINITY)
})

test('a change below the folder is followed until it is told to stop', async () => {
  const folder = await newPlugin()
  const stop = new AbortController()
  const changed = Promise.withResolvers<string>()
  const read = () => readFile(join(folder, 'plugin.ts'), 'utf8')
  const following = followFolder(folder, stop.signal, async () => changed.resolve(await read()))
  await writeFile(join(folder, 'plugin.ts'), '// changed')
  expect(await changed.promise).toBe('// changed')
  stop.abort()
  await following
})
