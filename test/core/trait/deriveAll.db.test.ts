import { expect, test } from 'vitest'
import { readPackage } from '../../../core/host/package.ts'
import type { Json, JsonObject } from '../../../core/model/json.ts'
import { findProfile } from '../../../core/read/findProfile.ts'
import { findTraitDefinitions } from '../../../core/read/listTraitDefinitions.ts'
import { listRedactions, readTraits } from '../../../core/read/readTraits.ts'
import { defineTrait } from '../../../core/trait/defineTrait.ts'
import { identify, openTestApp, track, type TestApp } from '../../support/app.ts'
import { pluginFolder, pluginManifest, probeAgent } from '../../support/pluginFolder.ts'
import { readerOf } from '../../support/readerOf.ts'

const define = async (app: TestApp, input: object) =>
  defineTrait(await readerOf(app, 'officer'), { reason: 'for the test', ...input })

const code = (id: string, trait: string): string => `
import { definePlugin, done } from 'slateboard/plugin'
export default definePlugin({
  agents: { ${id}: () => done({ writes: { ${trait}: { value: 1 } } }) },
})`

/** A plugin of one agent that reads one trait and writes another. */
async function install(
  app: TestApp,
  id: string,
  { reads, writes, trait, purpose = 'analytics' }: Probe,
): Promise<void> {
  const traits: Json = [
    { key: writes, class: 'pseudonymous', purposes: ['analytics', 'marketing'], ...trait },
  ]
  const agent = { id, reads: { traits: reads }, writes: [writes], purpose }
  await using folder = await pluginFolder({
    'plugin.json': pluginManifest({ id, traits, agents: [probeAgent(agent)] }),
    'plugin.ts': code(id, writes),
  })
  await app.registry.install(app.workspaceId, await readPackage(folder.path), 'system')
}

interface Probe {
  reads: string[]
  writes: string
  trait?: JsonObject
  purpose?: string
}

const inherited = async (app: TestApp, key: string) => {
  const [row] = await findTraitDefinitions(await readerOf(app, 'officer'), [key])
  return row && { purposes: row.effectivePurposes, because: row.specialBy }
}

test('a conclusion may be used for no more than what it was drawn from, along a chain of plugins', async () => {
  await using app = await openTestApp()
  await define(app, { key: 'clicks', dataClass: 'none', purposes: ['analytics', 'service'] })
  await install(app, 'score', { reads: ['clicks'], writes: 'score' })
  await install(app, 'rank', { reads: ['score'], writes: 'rank' })
  expect(await inherited(app, 'rank')).toMatchObject({ purposes: ['analytics'] })
  await app.send(identify('ada', { clicks: 5 }), track('ada', 'Order'))
  await app.idle()
  const seen = async (purpose: string) => {
    const reader = await readerOf(app, 'app', [purpose])
    const profile = await findProfile(reader, { by: { namespace: 'user_id', value: 'ada' } })
    if (!profile) throw new TypeError('ada is missing')
    const [traits = []] = await readTraits(reader, [profile])
    return [traits.map(({ key }) => key), listRedactions(reader, profile)]
  }
  expect(await seen('analytics')).toMatchObject([['clicks', 'rank', 'score'], []])
  expect(await seen('marketing.promotion')).toMatchObject([
    [],
    [
      { key: 'clicks', reason: 'purpose_incompatible' },
      { key: 'rank', reason: 'purpose_incompatible' },
      { key: 'score', reason: 'purpose_incompatible' },
    ],
  ])
})

test('an agent is refused whose sources may not be used for its purpose, and told which; nothing is stored', async () => {
  await using app = await openTestApp({ works: false })
  await define(app, { key: 'clicks', dataClass: 'none', purposes: ['service'] })
  const probe = { reads: ['clicks'], writes: 'score' }
  await expect(install(app, 'score', probe)).rejects.toMatchObject({
    code: 'purpose_not_inherited',
    message: expect.stringMatching(/score\/score works for analytics, and clicks .* service/),
  })
  expect(await inherited(app, 'score')).toBeNull()
  await define(app, { key: 'clicks', version: 1, dataClass: 'none', purposes: ['analytics'] })
  await install(app, 'score', probe)
  expect(await inherited(app, 'score')).toEqual({ purposes: ['analytics'], because: [] })
})

test('an agent is refused that writes what nothing may be done with', async () => {
  await using app = await openTestApp({ works: false })
  await define(app, { key: 'clicks', dataClass: 'none', purposes: ['analytics'] })
  const trait = { purposes: ['marketing'] }
  const refused = install(app, 'score', { reads: ['clicks'], writes: 'score', trait })
  await expect(refused).rejects.toMatchObject({ code: 'purpose_not_inherited' })
})

test('what an officer narrows narrows every conclusion at once, to nothing at the worst', async () => {
  await using app = await openTestApp({ works: false })
  await define(app, { key: 'clicks', dataClass: 'none' })
  await install(app, 'score', { reads: ['clicks'], writes: 'score' })
  await install(app, 'rank', { reads: ['score'], writes: 'rank' })
  expect(await inherited(app, 'rank')).toEqual({ purposes: null, because: [] })
  await define(app, { key: 'clicks', version: 1, dataClass: 'none', purposes: ['security'] })
  expect(await inherited(app, 'rank')).toEqual({ purposes: [], because: [] })
  const known = (await app.definitions.of(app.workspaceId)).get('rank')
  expect(known?.purposes).toEqual(['-'])
  await define(app, { key: 'clicks', version: 2, dataClass: 'none' })
  expect(await inherited(app, 'rank')).toEqual({ purposes: null, because: [] })
})

test('officers that narrow two sources at the same moment miss neither', async () => {
  await using app = await openTestApp({ works: false })
  await define(app, { key: 'one', dataClass: 'none' })
  await define(app, { key: 'other', dataClass: 'none' })
  await install(app, 'score', { reads: ['one', 'other'], writes: 'score' })
  await Promise.all([
    define(app, { key: 'one', version: 1, dataClass: 'none', purposes: ['analytics', 'service'] }),
    define(app, { key: 'other', version: 1, dataClass: 'none', purposes: ['analytics.web'] }),
  ])
  expect(await inherited(app, 'score')).toEqual({ purposes: ['analytics.web'], because: [] })
})

test('what tells of health is special in the open too: no agent writes it unless a rule or an officer says so', async () => {
  await using app = await openTestApp()
  const trait = { infers: ['health'] }
  await install(app, 'mood', { reads: ['clicks'], writes: 'mood', trait })
  expect(await inherited(app, 'mood')).toMatchObject({ because: ['infers:health'] })
  await app.send(identify('ada', { clicks: 5 }))
  await app.idle()
  const traits = async () => {
    const [row] = await app.sql`select traits from profile`
    return row?.['traits']
  }
  expect(await traits()).toEqual({ clicks: 5 })
  await define(app, {
    key: 'mood',
    version: 1,
    dataClass: 'pseudonymous',
    infers: [],
    reason: 'It counts smileys, which the ethics board found to tell nothing of health.',
  })
  expect(await inherited(app, 'mood')).toMatchObject({ because: [] })
  // An upgrade does not take back what the officer said.
  await install(app, 'mood', { reads: ['clicks', 'visits'], writes: 'mood', trait })
  expect(await inherited(app, 'mood')).toMatchObject({ because: [] })
  await app.send(identify('ada', { clicks: 6 }))
  await app.idle()
  expect(await traits()).toEqual({ clicks: 6, mood: 1 })
})
