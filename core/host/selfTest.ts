/** A plugin's `selfTest`, called like an agent and taken at its word only where it finds fault. */
import { selfTestAgent, type Batch, type RawOutcome } from './engine.ts'
import { mask } from './mask.ts'

/**
 * One item of nothing: it sees no profile, no config and no state. Three seconds are for what takes a few ms: on a busy
 * machine one second refused versions that were good.
 */
export const selfTestBatch: Batch = { agent: selfTestAgent, items: ['null'], timeoutMs: 3000 }

/** A cell that another plugin took down says nothing of this one, so it is asked once more. */
export const selfTestRunsMax = 2

const messagesMax = 20

/** Why the version may not take over, fit for an error; undefined where it may. */
export function selfTestProblem(raw: RawOutcome | undefined): string | undefined {
  if (raw === undefined) return 'it gave no answer'
  if ('threw' in raw) return `it threw ${mask(raw.threw, undefined)}`
  if ('unusable' in raw) return `what it returned is no list of messages: ${raw.unusable}`
  if ('lost' in raw) return `the process that it ran in ended: ${mask(raw.lost, undefined)}`
  if ('stopped' in raw) return stops[raw.stopped]
  return foundBy(raw.returned)
}

const stops = {
  plugin_timeout: `it did not come to its end within ${selfTestBatch.timeoutMs} ms`,
  plugin_out_of_memory: 'it ran out of memory',
  plugin_not_run: 'it was not run',
} as const

function foundBy(returned: unknown): string | undefined {
  if (returned === null) return undefined
  if (!Array.isArray(returned)) return `it returned a ${typeof returned} and no list of messages`
  if (returned.length === 0) return undefined
  const words = returned.slice(0, messagesMax).filter((message) => typeof message === 'string')
  return words.length === 0
    ? 'it returned a list of something else than messages'
    : mask(words.join('; '), undefined)
}
