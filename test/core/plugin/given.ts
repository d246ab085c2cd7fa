import { createActions } from '../../../core/actions.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { listPlugins } from '../../../core/read/listPlugins.ts'
import { openTestApp, track, type TestAppOptions } from '../../support/app.ts'
import { pluginFolder, pluginManifest, probeAgent } from '../../support/pluginFolder.ts'
import { readerOf } from '../../support/readerOf.ts'

export interface Given {
  id?: string
  version?: string
  agent?: JsonObject
  overrides?: JsonObject
  code?: string
  /** The source of a `selfTest`. */
  selfTest?: string
}

/** Counts the causes that woke it into `counted`, and says a word that stands nowhere else. */
const count = `({ profile, causes }) => done({ writes: { counted: {
  value: (profile.traits.counted?.value ?? 0) + causes.length } } })`

/** The files of a plugin `probe` that reacts to orders. */
export function filesOf(given: Given = {}) {
  const { id = 'probe', version = '1.0.0', agent, overrides, code, selfTest } = given
  return {
    'plugin.json': pluginManifest({
      id,
      version,
      traits: [{ key: 'counted', class: 'none', purposes: ['service'] }],
      agents: [
        probeAgent({
          triggers: { events: ['Order'] },
          purpose: 'service',
          reads: { traits: ['counted'] },
          writes: ['counted'],
          ...agent,
        }),
      ],
      ...overrides,
    }),
    'plugin.ts': `
      import { definePlugin, done } from 'slateboard/plugin'
      // ${version}
      export default definePlugin({
        agents: { probe: ${code ?? count} }${selfTest === undefined ? '' : `, selfTest: ${selfTest}`}
      })`,
  }
}

/** Reads the address as well. */
export const curious: JsonObject = { reads: { traits: ['counted'], pii: ['email'] } }

/** A platform, and people who look after its plugins. */
export async function openPlugins(options: TestAppOptions = {}) {
  const app = await openTestApp(options)
  const actions = createActions(app)
  const admin = await readerOf(app, 'admin')
  const officer = await readerOf(app, 'officer')
  const serving = await readerOf(app, 'admin', ['service'])
  return {
    ...app,
    actions,
    admin,
    officer,
    /** Installs the plugin as a person would. */
    put: async (given: Given = {}, reader = admin, input: { canary?: number } = {}) => {
      await using folder = await pluginFolder(filesOf(given))
      return await actions.installPlugin(reader, { path: folder.path }, input)
    },
    /** Rehearses a package, as somebody who may see what serves. */
    rehearse: async (given: Given = {}, { reader = serving, last = 500 } = {}) => {
      await using folder = await pluginFolder(filesOf(given))
      return await actions.rehearsePlugin(reader, { last }, { path: folder.path })
    },
    plugin: async (id = 'probe') => (await listPlugins(admin, [id]))[0],
    async total(key = 'counted'): Promise<number> {
      const [row] = await app.sql<{ n: number }[]>`
        select coalesce(sum((traits ->> ${key})::int), 0)::int as n from profile`
      return row?.n ?? 0
    },
    async audited(): Promise<string[]> {
      const rows = await app.sql<{ action: string }[]>`
        select action, id from audit_inbox where action like 'plugin.%'
        union all select action, id from audit_entry where action like 'plugin.%' order by id`
      return rows.map(({ action }) => action)
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

/** Sends orders of the users without end, until it is told to stop, and says how many. */
export function feed(
  it: Awaited<ReturnType<typeof openPlugins>>,
  users: readonly string[],
): () => Promise<number> {
  const over = new AbortController()
  const feeding = (async () => {
    let sent = 0
    while (!over.signal.aborted) {
      await it.send(...users.map((user) => track(user, 'Order')))
      sent += users.length
    }
    return sent
  })()
  return () => {
    over.abort()
    return feeding
  }
}
