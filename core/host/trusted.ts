import { fail } from '../errors.ts'
import type { Batch, BatchResult, Engine, HostCalls, RawOutcome } from './engine.ts'
import { runBatch, waitMsDefault } from './sandbox/batch.ts'
import { Caller } from './sandbox/caller.ts'
import type { Confined } from './sandbox/confined.ts'
import { Inbox } from './sandbox/inbox.ts'
import { describeMismatch, readAgents, readPart } from './sandbox/reply.ts'
import { hostRealm } from './sandbox/realm.ts'

/**
 * The tier `trusted`: inside the host, with all that the host can do. A handler that loops is stopped, one
 * that means harm is not; whoever calls `load` has made sure whose code it is.
 */
export function createTrusted(): Engine {
  const plugins = new Map<string, Confined>()
  /** Per plugin the end of its queue: the realm runs one batch at a time. */
  const tails = new Map<string, Promise<unknown>>()
  return {
    prepare: () => undefined,
    async load(key, { id, bundle, agents }) {
      const plugin = hostRealm(bundle)
      const found = await plugin.open().catch((thrown: unknown) => {
        const reason = String(thrown).slice(0, 300)
        throw fail('plugin_load_failed', { plugin: id, reason }, thrown)
      })
      const problem = describeMismatch(agents, readAgents(found))
      if (problem !== undefined) throw fail('plugin_load_failed', { plugin: id, reason: problem })
      plugins.set(key, plugin)
    },
    run(key, batch, calls) {
      const plugin = plugins.get(key)
      if (plugin === undefined) throw fail('plugin_not_loaded', { plugin: key })
      const turn = (tails.get(key) ?? Promise.resolve()).then(() => run(plugin, batch, calls))
      tails.set(key, turn)
      return turn
    },
    async unload(key) {
      plugins.get(key)?.close()
      plugins.delete(key)
      tails.delete(key)
    },
    stats: () => [],
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(tails.values())
      plugins.clear()
    },
  }
}

async function run(
  plugin: Confined,
  { agent, items, timeoutMs, waitMs = waitMsDefault }: Batch,
  calls: HostCalls | undefined,
): Promise<BatchResult> {
  const result: BatchResult = { outcomes: [], logs: [], cpuUs: 0 }
  const startedUs = plugin.cpuUs()
  const batch = { agent, body: `[${items.join(',')}]`, count: items.length, timeoutMs, waitMs }
  const inbox = new Inbox()
  const caller = new Caller(items.length, calls)
  await runBatch(plugin, batch, {
    inbox,
    onPart({ count, json }) {
      const unusable: RawOutcome = { unusable: 'the plugin bent the sandbox around it' }
      const part = readPart(json, count)
      result.outcomes.push(...(part?.outcomes ?? Array.from({ length: count }, () => unusable)))
      result.logs.push(...(part?.logs ?? []))
    },
    onCall({ number, body, ...call }) {
      void caller.to(call, body).then((answer) => inbox.push({ number, ...answer }))
    },
  })
  result.cpuUs = plugin.cpuUs() - startedUs
  return result
}
