import { describe, expect, test } from 'vitest'
import { addPublisher, removePublisher, setTrust } from '../../../core/plugin/publisher.ts'
import { refusePlugin } from '../../../core/plugin/refusePlugin.ts'
import { track } from '../../support/app.ts'
import { createSigner, packedFiles } from '../../support/packed.ts'
import { pluginFolder } from '../../support/pluginFolder.ts'
import { readerOf } from '../../support/readerOf.ts'
import { curious, filesOf, openPlugins, type Given } from './given.ts'

const network = {
  network: [
    { host: 'api.example.com', methods: ['GET'], purpose: 'service', reason: 'asks for rates' },
  ],
}

describe('a first version', () => {
  test('that asks for nothing that somebody has to agree to runs at once', async () => {
    await using it = await openPlugins()
    expect(await it.put()).toMatchObject({ agents: ['probe/probe'] })
    await it.send(track('ada', 'Order'))
    await it.idle()
    expect(await it.total()).toBe(1)
    expect(await it.plugin()).toMatchObject({
      state: 'active',
      candidate: null,
      current: { trust: 'local', approvedBy: 'principal:admin', installedBy: 'principal:admin' },
    })
  })

  test('that reads personal data waits, is woken by nothing, and runs once somebody else agrees', async () => {
    await using it = await openPlugins()
    expect(await it.put({ agent: curious }, it.admin)).toMatchObject({ agents: [] })
    const waiting = await it.plugin()
    expect(waiting).toMatchObject({
      state: 'awaiting_approval',
      current: null,
      candidate: { reasons: ['It reads personal data.'], touchesPii: true, beyond: ['pii'] },
    })
    await it.send(track('ada', 'Order'))
    await it.idle()
    expect(await it.total()).toBe(0)
    expect(it.registry.all()).toEqual([])
    const approve = (reader = it.admin) => it.actions.approvePlugin(reader, { plugin: 'probe' })
    await expect(approve()).rejects.toMatchObject({ code: 'plugin_own_approval' })
    // A folder that nobody signed is trusted too little for it, and an officer is no administrator.
    await expect(approve(it.officer)).rejects.toMatchObject({ code: 'plugin_trust_low' })
    await setTrust(it.admin, { capability: 'pii', level: 'local' })
    expect(await approve(it.officer)).toMatchObject({ agents: ['probe/probe'] })
    await it.send(track('ada', 'Order'))
    await it.idle()
    expect(await it.total()).toBe(1)
    expect(await it.plugin()).toMatchObject({
      state: 'active',
      candidate: null,
      current: { approvedBy: 'principal:officer', installedBy: 'principal:admin' },
    })
    const [row] =
      await it.sql`select verdict, gained, touches_pii, base_digest from plugin_approval`
    expect(row).toMatchObject({ verdict: 'approved', touches_pii: true, base_digest: null })
    expect(row?.['gained']).toContain('agent probe reads pii email service')
    expect(await it.audited()).toEqual(['plugin.request', 'plugin.trust', 'plugin.approve'])
  })

  test('that sends requests may be approved by the administrator who asked for it, and by no operator', async () => {
    await using it = await openPlugins({ works: false })
    await it.put({ overrides: network })
    const operator = await readerOf(it, 'operator')
    await expect(it.actions.approvePlugin(operator, { plugin: 'probe' })).rejects.toMatchObject({
      code: 'forbidden',
    })
    expect(await it.actions.approvePlugin(it.admin, { plugin: 'probe' })).toMatchObject({
      agents: ['probe/probe'],
    })
  })

  test('that is refused is not installed, and may be asked for again', async () => {
    await using it = await openPlugins({ works: false })
    await it.put({ agent: curious })
    await refusePlugin(it.officer, { plugin: 'probe', comment: 'not that' })
    expect(await it.plugin()).toMatchObject({ state: 'removed', current: null, candidate: null })
    await expect(it.actions.approvePlugin(it.officer, { plugin: 'probe' })).rejects.toMatchObject({
      code: 'plugin_nothing_waits',
    })
    await it.put({ agent: curious })
    expect(await it.plugin()).toMatchObject({ state: 'awaiting_approval' })
  })
})

describe('a later version', () => {
  test('that asks for more waits while the one before goes on; one that asks for less does not wait', async () => {
    await using it = await openPlugins()
    await it.put()
    const before = await it.plugin()
    await it.put({ version: '2.0.0', overrides: network })
    await it.send(track('ada', 'Order'))
    await it.idle()
    expect(await it.total()).toBe(1)
    expect(await it.plugin()).toMatchObject({
      state: 'active',
      current: { version: '1.0.0' },
      candidate: {
        version: { version: '2.0.0' },
        reasons: ['It asks for one thing more than the version in service.'],
        diff: { gained: [{ capability: 'network' }], lost: [] },
      },
    })
    await it.actions.approvePlugin(it.admin, { plugin: 'probe' })
    expect(await it.plugin()).toMatchObject({
      current: { version: '2.0.0' },
      previous: { digest: before?.current?.digest },
    })
    await it.put({ version: '3.0.0' })
    expect(await it.plugin()).toMatchObject({ current: { version: '3.0.0' }, candidate: null })
    const verdicts = await it.sql`select verdict from plugin_approval order by id`
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['automatic', 'approved', 'automatic'])
  })

  test('is approved as it was looked at: another that waits by now, or runs by now, is told apart', async () => {
    await using it = await openPlugins({ works: false })
    await it.put()
    const { inspection } = await it.put({ version: '2.0.0', overrides: network })
    await it.put({ version: '2.1.0', overrides: network })
    const seen = { plugin: 'probe', digest: inspection?.pkg.digest }
    await expect(it.actions.approvePlugin(it.admin, seen)).rejects.toMatchObject({
      code: 'plugin_overtaken',
    })
    await expect(refusePlugin(it.admin, seen)).rejects.toMatchObject({ code: 'plugin_overtaken' })
    await refusePlugin(it.admin, { plugin: 'probe' })
    expect(await it.plugin()).toMatchObject({ state: 'active', current: { version: '1.0.0' } })
  })

  test('after a removal is a first one again: what was permitted is not remembered', async () => {
    await using it = await openPlugins({ works: false })
    await it.put({ overrides: network })
    await it.actions.approvePlugin(it.admin, { plugin: 'probe' })
    await it.actions.removePlugin(it.admin, { plugin: 'probe' })
    expect(await it.put({ overrides: network })).toMatchObject({ agents: [] })
    expect(await it.plugin()).toMatchObject({ state: 'awaiting_approval' })
  })
})

describe('signatures', () => {
  test('decide how far a package is trusted, today and not when it was asked for', async () => {
    await using it = await openPlugins({ works: false })
    const signer = createSigner()
    const bytes = packedFiles(signer.sign(filesOf({ agent: curious })))
    const level = async (reader = it.admin) =>
      (await it.actions.inspectPlugin(reader, { package: bytes })).trust
    expect(await level()).toBe('community')
    const publisher = { key: signer.publicKey, name: 'Acme', level: 'verified' }
    await expect(addPublisher(it.officer, publisher)).rejects.toMatchObject({ code: 'forbidden' })
    await addPublisher(it.admin, publisher)
    expect(await level()).toBe('verified')
    await setTrust(it.admin, { capability: 'pii', level: 'verified' })
    await it.actions.installPlugin(it.admin, { package: bytes })
    expect(await it.plugin()).toMatchObject({
      candidate: { beyond: [], version: { trust: 'verified', publisher: 'Acme' } },
    })
    await removePublisher(it.admin, { key: signer.publicKey })
    await expect(it.actions.approvePlugin(it.officer, { plugin: 'probe' })).rejects.toMatchObject({
      code: 'plugin_trust_low',
    })
    await addPublisher(it.admin, publisher)
    await it.actions.approvePlugin(it.officer, { plugin: 'probe' })
    expect(await it.plugin()).toMatchObject({ current: { trust: 'verified', publisher: 'Acme' } })
  })

  test('of a reader of personal data that comes unsigned the next time is missed', async () => {
    await using it = await openPlugins({ works: false })
    const signer = createSigner()
    await addPublisher(it.admin, { key: signer.publicKey, name: 'Acme', level: 'verified' })
    const signed = packedFiles(signer.sign(filesOf({ agent: curious })))
    await it.actions.installPlugin(it.admin, { package: signed })
    await it.actions.approvePlugin(it.officer, { plugin: 'probe' })
    const next = filesOf({ agent: curious, version: '1.0.1' })
    await it.actions.installPlugin(it.admin, { package: packedFiles(next) })
    expect(await it.plugin()).toMatchObject({
      current: { version: '1.0.0' },
      candidate: {
        touchesPii: true,
        reasons: ['It is trusted as unsigned, the version in service as verified.'],
      },
    })
    await it.actions.installPlugin(it.admin, { package: packedFiles(signer.sign(next)) })
    expect(await it.plugin()).toMatchObject({ current: { version: '1.0.1' }, candidate: null })
  })
})

test('inspecting stores nothing and runs nothing, and is for administrators', async () => {
  await using it = await openPlugins({ works: false })
  await using folder = await pluginFolder(filesOf({ code: '(() => { throw new TypeError() })()' }))
  const seen = await it.actions.inspectPlugin(it.admin, { path: folder.path })
  expect(seen).toMatchObject({ reasons: [], base: null, trust: 'local' })
  expect(await it.sql`select from plugin`).toHaveLength(0)
  expect(await it.sql`select from plugin_version`).toHaveLength(0)
  await expect(it.actions.inspectPlugin(it.officer, { path: folder.path })).rejects.toMatchObject({
    code: 'forbidden',
  })
})

test('inspecting says whom a plugin would wake in a circle, through others that are in service', async () => {
  await using it = await openPlugins({ works: false })
  const wired = (id: string, wakes: string): Given => ({
    id,
    overrides: { traits: [{ key: `${id}_done`, class: 'none', purposes: ['service'] }] },
    agent: { triggers: { traits: [wakes] }, reads: { traits: [] }, writes: [`${id}_done`] },
    code: '() => done()',
  })
  const rings = async (given: Given) => {
    await using folder = await pluginFolder(filesOf(given))
    return (await it.actions.inspectPlugin(it.admin, { path: folder.path })).rings
  }
  await it.put(wired('one', 'two_done'))
  expect(await rings(wired('two', 'one_done'))).toEqual([['two/probe', 'one/probe']])
  expect(await rings(wired('two', 'three_done'))).toEqual([])
  await it.actions.removePlugin(it.admin, { plugin: 'one' })
  expect(await rings(wired('two', 'one_done'))).toEqual([])
})
