import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { watchPlugins } from '../../../core/host/watch.ts'
import type { Json } from '../../../core/model/json.ts'
import { openTestApp, track, type TestApp } from '../../support/app.ts'
import { pluginManifest, probeAgent, probeCode } from '../../support/pluginFolder.ts'

const manifest = (version: string, id = 'probe'): Json =>
  pluginManifest({
    id,
    version,
    traits: [{ key: 'probe', class: 'none', purposes: ['service'] }],
    agents: [probeAgent({ triggers: { events: ['Order'] }, purpose: 'service', reads: {} })],
  })

async function watched() {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'slate-watch-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const app = stack.use(await openTestApp())
  const problems: string[] = []
  const waiting = new Set<() => void>()
  const log = pino(
    { level: 'info' },
    {
      write: (line: string) => {
        const { msg } = JSON.parse(line)
        problems.push(msg)
        for (const look of waiting) look()
      },
    },
  )
  stack.use(await watchPlugins(folder, app.workspaceId, app.registry, log))
  const held = stack.move()
  return {
    app,
    folder,
    /** Resolves when the log has said it `times` times. */
    async said(message: string, times = 1): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = (): void => {
        if (problems.filter((text) => text === message).length >= times) resolve()
      }
      waiting.add(look)
      look()
      await promise
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

/** Written elsewhere and moved there whole, as a checkout or an unpacking would. */
async function put(folder: string, name: string, version: string, value: string, id?: string) {
  const draft = await mkdtemp(join(tmpdir(), 'slate-draft-'))
  await writeFile(join(draft, 'plugin.json'), JSON.stringify(manifest(version, id)))
  await writeFile(join(draft, 'plugin.ts'), probeCode(`() => write(${JSON.stringify(value)})`))
  await rename(draft, join(folder, name))
}

async function probed(app: TestApp, user: string): Promise<unknown> {
  await app.send(track(user, 'Order'))
  await app.idle()
  const [row] = await app.sql`select traits from profile where id = ${await app.profileOf(user)}`
  return row?.['traits']
}

test('follows a folder that appears, changes, breaks, is mended and disappears', async () => {
  await using it = await watched()
  const { app, folder } = it
  await put(folder, 'probe', '1.0.0', 'one')
  await it.said('plugin installed')
  expect(await probed(app, 'a')).toEqual({ probe: 'one' })

  await writeFile(join(folder, 'probe/plugin.ts'), probeCode('() => write("two")'))
  await it.said('plugin installed', 2)
  expect(await probed(app, 'b')).toEqual({ probe: 'two' })

  await writeFile(join(folder, 'probe/plugin.ts'), 'export default {')
  await it.said('plugin folder not usable')
  expect(await probed(app, 'c')).toEqual({ probe: 'two' })

  await writeFile(join(folder, 'probe/plugin.ts'), 'throw new TypeError("at load")')
  await it.said('plugin folder not usable', 2)
  expect(await probed(app, 'd')).toEqual({ probe: 'two' })

  await writeFile(join(folder, 'probe/plugin.ts'), probeCode('() => write("three")'))
  await it.said('plugin installed', 3)
  expect(await probed(app, 'e')).toEqual({ probe: 'three' })

  await rm(join(folder, 'probe'), { recursive: true })
  await it.said('plugin removed')
  expect(await probed(app, 'f')).toEqual({})
})

test('removes the plugin that a folder was before it got another id', async () => {
  await using it = await watched()
  const { app, folder } = it
  await put(folder, 'probe', '1.0.0', 'one')
  await it.said('plugin installed')
  await writeFile(join(folder, 'probe/plugin.json'), JSON.stringify(manifest('1.0.0', 'renamed')))
  await it.said('plugin installed', 2)
  expect(app.registry.all()).toMatchObject([{ pluginId: 'renamed' }])
})

test('leaves other plugins running beside a folder that is none', async () => {
  await using it = await watched()
  const { app, folder } = it
  await mkdir(join(folder, 'notes'))
  await it.said('plugin folder not usable')
  await put(folder, 'probe', '1.0.0', 'one')
  await it.said('plugin installed')
  expect(await probed(app, 'a')).toEqual({ probe: 'one' })
})
