import type { Policy } from '../../policies/document.ts'
import { systemClock } from '../clock.ts'
import { createHost, type HostLogEntry, type PluginHost } from '../host/host.ts'
import { readPackage, type PluginPackage } from '../host/package.ts'
import { readFixtures, recordAnswer, type NamedFixture } from './fixture.ts'
import { rehearse, type Rehearsed } from './rehearse.ts'
import { createSimulator } from './simulate.ts'

/** One look at the folder: what was loaded, and what its fixtures came to. */
export interface Take {
  pkg: PluginPackage
  /** Milliseconds from the folder to a plugin that can be called; null when its code is as before. */
  loadMs: number | null
  rehearsed: Rehearsed[]
  logs: HostLogEntry[]
}

export interface SessionOptions {
  policy: Policy
  /** The clock that agents are shown in place of the fixtures' own; ISO 8601. */
  now?: string
}

/** A sandbox with one plugin in it, whose code is exchanged in place as its folder changes. */
export interface Session extends AsyncDisposable {
  readonly host: PluginHost
  readonly fixtures: readonly NamedFixture[]
  /**
   * Reads the folder anew, swaps the code where it changed and runs every fixture. When the folder is not a
   * working plugin it throws what an installation would, and the code before stays.
   */
  take(): Promise<Take>
  /** Takes the answers as the right ones from now on. */
  record(take: Take): Promise<void>
}

/** What the session's host has a version of the plugin loaded under. */
export const keyOf = ({ manifest, digest }: PluginPackage): string => `${manifest.id}@${digest}`

export function openSession(folder: string, { policy, now }: SessionOptions): Session {
  const logs: HostLogEntry[] = []
  const host = createHost({ cells: 1, clock: systemClock(), log: (entry) => logs.push(entry) })
  let loaded: PluginPackage | undefined
  let fixtures: NamedFixture[] = []
  /** Beside the one before, which goes on when the new code does not load or fails its own test. */
  const swap = async (pkg: PluginPackage): Promise<void> => {
    await host.load(keyOf(pkg), pkg)
    try {
      await host.selfTest(keyOf(pkg))
    } catch (thrown) {
      await host.unload(keyOf(pkg))
      throw thrown
    }
    if (loaded) await host.unload(keyOf(loaded))
    loaded = pkg
  }
  return {
    host,
    get fixtures() {
      return fixtures
    },
    async take() {
      const started = performance.now()
      const pkg = await readPackage(folder)
      const isNew = loaded?.digest !== pkg.digest
      if (isNew) await swap(pkg)
      const loadMs = isNew ? performance.now() - started : null
      const read = await readFixtures(folder)
      fixtures =
        now === undefined
          ? read
          : read.map(({ name, fixture }) => ({ name, fixture: { ...fixture, now } }))
      logs.length = 0
      const simulator = createSimulator(policy, pkg.manifest)
      const rehearsed = await rehearse(
        { tried: { host, key: keyOf(pkg), manifest: pkg.manifest }, simulator },
        fixtures,
      )
      return { pkg, loadMs, rehearsed, logs: [...logs] }
    },
    async record({ rehearsed }) {
      for (const { name, answer } of rehearsed) await recordAnswer(folder, name, answer)
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  }
}
