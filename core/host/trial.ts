/** What plugin authors import in their tests, as `slateboard/trial`. */
import { systemClock } from '../clock.ts'
import { fail } from '../errors.ts'
import type { JsonObject } from '../model/json.ts'
import type { Manifest } from '../model/manifest.ts'
import type { StateKind } from '../model/pluginState.ts'
import { createHost, type HostLogEntry } from './host.ts'
import type { CheckedOutcome } from './outcome.ts'
import { readPackage } from './package.ts'
import type { TrialFetch } from './trialCalls.ts'
import { tryOne, type TrialInput } from './tryOne.ts'

export type { TrialInput }

export interface TrialOptions {
  /** Answers what the plugin fetches; without it every call is denied. */
  fetch?: TrialFetch
}

export interface Trial extends AsyncDisposable {
  readonly manifest: Manifest
  /** Lines that the plugin logged, masked as in production. */
  readonly logs: readonly HostLogEntry[]
  /**
   * Runs one agent in the real sandbox, with the checks of production. Throws the coded error that
   * production would record, and `trial_input_undeclared` for input that the agent would never see.
   */
  react(agent: string, input?: TrialInput): Promise<CheckedOutcome>
  /** Has `migrate` bring state to the version of the manifest. Throws `plugin_state_not_migrated`. */
  migrate(old: JsonObject, from: number, of?: StateKind): Promise<JsonObject>
  /** Runs `selfTest` as an installation does. Throws `plugin_self_test_failed`. */
  selfTest(): Promise<void>
}

/**
 * Opens a plugin folder for its tests.
 *
 * @example
 * await using trial = await openTrial(import.meta.dirname, { fetch: () => ({ json: { ok: true } }) })
 * const outcome = await trial.react('score', { traits: { visits: 3 } })
 */
export async function openTrial(folder: string, { fetch }: TrialOptions = {}): Promise<Trial> {
  const pkg = await readPackage(folder)
  const logs: HostLogEntry[] = []
  const host = createHost({ cells: 1, clock: systemClock(), log: (entry) => logs.push(entry) })
  try {
    await host.load(pkg.manifest.id, pkg)
  } catch (thrown) {
    await host[Symbol.asyncDispose]()
    throw thrown
  }
  const tried = { host, key: pkg.manifest.id, manifest: pkg.manifest }
  return {
    manifest: pkg.manifest,
    logs,
    react: (agent, input = {}) => tryOne(tried, agent, input, fetch),
    async migrate(old, from, of = 'profile') {
      const [migrated] = await host.migrate(pkg.manifest.id, [{ old, from, of }])
      if (!migrated) throw fail('internal')
      if (!migrated.ok) throw fail(migrated.code, migrated.values)
      return migrated.state
    },
    selfTest: () => host.selfTest(pkg.manifest.id),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  }
}
