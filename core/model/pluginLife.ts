import { z } from 'zod'

/**
 * The life of a plugin in a workspace. What is left out cannot happen; the database holds to the same table.
 *
 *   awaiting_approval  no version is in service, and one waits for somebody to agree to what it asks for
 *   active             its agents react
 *   paused             somebody stopped it; what wakes its agents waits
 *   quarantined        the platform stopped it after it failed; what wakes its agents waits
 *   incompatible       it was not made for this version of the product; what wakes its agents waits
 *   removed            uninstalled; what it wrote, its versions and what waited for it are kept
 *   purged             all that it left is deleted but for its name
 */
export const pluginSteps = {
  awaiting_approval: ['active', 'removed'],
  active: ['paused', 'quarantined', 'incompatible', 'removed'],
  paused: ['active', 'quarantined', 'incompatible', 'removed'],
  quarantined: ['active', 'paused', 'incompatible', 'removed'],
  incompatible: ['active', 'paused', 'removed'],
  removed: ['awaiting_approval', 'active', 'purged'],
  purged: ['awaiting_approval', 'active'],
} as const satisfies Record<string, readonly string[]>

export type PluginState = keyof typeof pluginSteps
export const pluginStates = [
  'awaiting_approval',
  'active',
  'paused',
  'quarantined',
  'incompatible',
  'removed',
  'purged',
] as const satisfies readonly PluginState[]

/** States in which a version is in service, whether it runs or waits. */
export const statesInService = ['active', 'paused', 'quarantined', 'incompatible'] as const
export type StateInService = (typeof statesInService)[number]

export const pluginMayBecome = (from: PluginState, to: PluginState): boolean =>
  pluginSteps[from].some((step) => step === to)

export const isInService = (state: PluginState): state is StateInService =>
  statesInService.some((one) => one === state)

/** What becomes of the state when a version is put in service: who paused it goes on being heard. */
export const stateOnInstall = (before: PluginState | undefined): 'active' | 'paused' =>
  before === 'paused' ? 'paused' : 'active'

/**
 * What one node does with a version at the moment: it is told by the node, and stands in no row.
 *
 *   starting  being loaded
 *   running   reacts
 *   sleeping  was not called for a while; loaded again with its next call
 *   draining  out of service, and finishing what is under way
 *   failed    could not be loaded; tried again in half a minute
 */
export const pluginPhases = ['starting', 'running', 'sleeping', 'draining', 'failed'] as const
export type PluginPhase = (typeof pluginPhases)[number]

/**
 * How a version came into service, or did not. `promoted`: from a share of the profiles to all of them.
 * `rolled_back`: one step back, to what was in service before.
 */
export type PluginVerdict =
  | 'automatic'
  | 'trusted'
  | 'approved'
  | 'refused'
  | 'promoted'
  | 'rolled_back'

const pluginSchema = z.string().trim().min(1).max(60)
const digestSchema = z.string().regex(/^[0-9a-f]{64}$/, 'it is not the digest of a version')
const commentSchema = z.string().trim().min(1).max(500)

export const pluginInput = z.object({ plugin: pluginSchema })
export const decidePluginInput = z.object({
  plugin: pluginSchema,
  /** Which version is meant; refused when another waits by now. */
  digest: digestSchema.nullish(),
  comment: commentSchema.nullish(),
})
