import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Json, JsonObject } from '../../core/model/json.ts'

/** A plugin.json that passes every check; override what a test is about. */
export function pluginManifest(overrides: JsonObject = {}): JsonObject {
  return {
    id: 'probe',
    version: '1.0.0',
    name: 'Probe',
    apiVersion: 1,
    engines: { slateboard: '^0.1.0' },
    main: 'plugin.ts',
    traits: [{ key: 'probe', class: 'none', purposes: ['analytics'] }],
    agents: [probeAgent()],
    ...overrides,
  }
}

export function probeAgent(overrides: JsonObject = {}): JsonObject {
  return {
    id: 'probe',
    triggers: { events: ['*'] },
    reads: { traits: ['mode'] },
    writes: ['probe'],
    purpose: 'analytics',
    ...overrides,
  }
}

export interface PluginFolder extends AsyncDisposable {
  path: string
}

/** A plugin folder in a temporary place, gone at the end of the test. */
export async function pluginFolder(files: Record<string, string | Json>): Promise<PluginFolder> {
  const path = await mkdtemp(join(tmpdir(), 'slateboard-plugin-'))
  for (const [name, content] of Object.entries(files)) {
    await writeFile(
      join(path, name),
      typeof content === 'string' ? content : JSON.stringify(content),
    )
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** The plugin of one agent `probe` whose handler is the given source. */
export const probeCode = (handler: string): string => `
import { cancel, definePlugin, done, snooze } from 'slateboard/plugin'
const write = (value) => done({ writes: { probe: { value } } })
export default definePlugin({ agents: { probe: ${handler} } })
`
