import type { Tier } from '../model/manifest.ts'

/** What an engine needs to run a plugin: no manifest, no rights, only code and its bounds. */
export interface Program {
  /** The plugin's id; plugins are placed by it. */
  id: string
  bundle: string
  tier: Tier
  /** Agents that must have a handler, no more and no fewer. */
  agents: string[]
  /** It runs only to be looked at: of low priority, and where neither its loops nor its end touch the others. */
  isApart?: boolean
}

/**
 * The name under which the plugin's `migrate` is called, as an agent is: no agent can have it. Its items are
 * the JSON of [old, from, of].
 */
export const migrateAgent = '$migrate'

/** Likewise of `selfTest`. Every plugin has it: what a plugin does not test passes. */
export const selfTestAgent = '$selfTest'

/** The name under which a performer is called. */
export const performerAgent = (id: string): string => `$perform:${id}`

/** One batch for one agent; items run one after another. */
export interface Batch {
  agent: string
  /** Each the JSON of a ReactInput. */
  items: readonly string[]
  /** What one item may compute. */
  timeoutMs: number
  /** How long one item may wait for the host in all; default 30 s. */
  waitMs?: number
}

/**
 * What the items of a batch may ask of the host while they run. The cell is hostile: `item` is a position in the
 * batch, `name` and `body` are whatever it sent, within the limits of a frame.
 */
export interface HostCalls {
  /** Gives the JSON of the answer; rejects with `CallDenied` when there is none. */
  call(item: number, name: string, body: string): Promise<string>
}

/** How one item fared inside the engine. `returned` is untrusted and still to be checked. */
export type RawOutcome =
  | { returned: unknown }
  | { threw: string }
  | { unusable: string }
  | { stopped: 'plugin_timeout' | 'plugin_out_of_memory' | 'plugin_not_run' }
  /** `by` says what ended the process, where that is known to be somebody's fault. */
  | { lost: string; by?: 'memory' | 'silence' | 'unloadable' | 'other' }

export interface RawLog {
  /** Position of the item in the batch. */
  item: number
  level: 'debug' | 'info' | 'warn' | 'error'
  /** Untrusted and not masked yet. */
  message: string
}

export interface BatchResult {
  /** One for each item, in order. */
  outcomes: RawOutcome[]
  logs: RawLog[]
  /** Processor time that the batch took. */
  cpuUs: number
}

export interface CellStats {
  cell: number
  tier: Tier
  /** What confines the plugins in it. */
  backend: 'isolate' | 'quickjs' | 'process'
  /** Process id; undefined between two lives. */
  pid: number | undefined
  residentBytes: number
  plugins: number
  restarts: number
  /** Times that it was replaced by a fresh one because it had grown. */
  recycles: number
}

/**
 * Where plugin code runs; there is one engine for each tier, and one that chooses among them. Only `load`
 * rejects because of the plugin; `run` always answers for each item.
 */
export interface Engine extends AsyncDisposable {
  /** Tells that the plugin will be loaded when it is first called, so that a place for it is there by then. */
  prepare(program: Program): void
  /** Resolves when the plugin is ready; rejects with `plugin_load_failed` or `sandbox_unavailable`. */
  load(key: string, program: Program): Promise<void>
  /** Without `calls` every call of an item is denied. */
  run(key: string, batch: Batch, calls?: HostCalls): Promise<BatchResult>
  unload(key: string): Promise<void>
  stats(): CellStats[]
}
