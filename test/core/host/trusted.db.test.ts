import { expect, test } from 'vitest'
import { verifyVersion } from '../../../core/host/verifyVersion.ts'
import { loadPlugins } from '../../../blackboard/query/loadPlugins.ts'
import { openTestApp, type TestApp } from '../../support/app.ts'
import { probePackage } from '../../support/probeHost.ts'

const named = await probePackage('() => done()', {}, 'ours', undefined, 'trusted')
const other = await probePackage('() => done({})', {}, 'ours', undefined, 'trusted')

/** What a node that starts now would make of the stored version. */
async function reload({ board, sql, workspaceId }: TestApp) {
  const key = { workspaceId, id: 'ours', digest: named.digest }
  const [stored] = await loadPlugins(sql, { keys: JSON.stringify([key]) })
  return await verifyVersion(board, key, stored)
}

test('a trusted plugin runs inside the server once its digest is named, and only these bytes do', async () => {
  await using app = await openTestApp({ works: false, trustedPlugins: [named.digest] })
  await expect(app.registry.install(app.workspaceId, other, 'test')).rejects.toMatchObject({
    code: 'plugin_tier_refused',
    message: expect.stringContaining(other.digest),
  })
  expect(await app.sql`select from plugin`).toHaveLength(0)
  await app.registry.install(app.workspaceId, named, 'test')
  expect(app.host.stats().plugins).toMatchObject([{ tier: 'trusted', digest: named.digest }])
})

test.each([
  ['hashed', true],
  ['not hashed', false],
])(
  'bytes put under the name of a trusted plugin are not loaded when they are marked as %s',
  async (_, isHashed) => {
    await using app = await openTestApp({ works: false, trustedPlugins: [named.digest] })
    await app.registry.install(app.workspaceId, named, 'test')
    await expect(reload(app)).resolves.toMatchObject({ digest: named.digest })
    await app.sql`alter table plugin_version disable trigger user`
    await app.sql`
      update plugin_version set bundle = ${other.bundle}, content_addressed = ${isHashed}`
    await expect(reload(app)).rejects.toMatchObject({ code: 'plugin_digest_mismatch' })
  },
)
