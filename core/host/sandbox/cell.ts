/**
 * The child process that hosts isolates. It has no environment, network, database, files or children;
 * all it can do is compute and answer on its standard output. Started by spawn.ts with the name of the
 * backend that confines its plugins, and the file that the backend loads.
 */
import process from 'node:process'
import type { Confined } from './confined.ts'
import { encodeFrame, frameReader, type Head } from './frame.ts'
import { runBatch, type Port } from './batch.ts'
import { Inbox } from './inbox.ts'

interface Order {
  kind: string
  id: number
  key: string
  agent: string
  count: number
  timeoutMs: number
  waitMs: number
  number: number
  isAnswer: boolean
}

const plugins = new Map<string, Confined>()
/** Where the answers to the calls of each batch under way go. */
const inboxes = new Map<number, Inbox>()
const confine = await backend(process.argv[2], process.argv[3] ?? '').catch((thrown: unknown) => {
  process.stderr.write(String(thrown))
  // spawn.ts knows this code, and it cannot be imported here.
  return process.exit(72)
})
// Last, since the add-on is loaded by what this takes away.
await import('./harden.ts')

/** Only the files of its own backend can be read here, hence no plain imports. */
async function backend(
  name: string | undefined,
  file: string,
): Promise<(bundle: string) => Confined> {
  if (name === 'process') return (await import('./realm.ts')).realms()
  if (name === 'quickjs') return (await import('./quickjs.ts')).machines()
  return (await import('./isolate.ts')).isolates(file)
}

const send = (head: Head, body?: string): void => {
  process.stdout.write(encodeFrame(head, body))
}

const textOf = (thrown: unknown): string => String(thrown).slice(0, 300)

async function load({ id, key }: Order, bundle: string): Promise<void> {
  const plugin = confine(bundle)
  try {
    send({ kind: 'loaded', id }, await plugin.open())
    plugins.set(key, plugin)
  } catch (thrown) {
    plugin.close()
    send({ kind: 'failed', id }, textOf(thrown))
  }
}

async function react(order: Order, body: string): Promise<void> {
  const { id, key, agent, count, timeoutMs, waitMs } = order
  const plugin = plugins.get(key)
  if (plugin === undefined) return send({ kind: 'failed', id }, 'the plugin is not loaded')
  let spentUs = plugin.cpuUs()
  const inbox = new Inbox()
  inboxes.set(id, inbox)
  const port: Port = {
    inbox,
    onPart({ count: finished, json }) {
      const nowUs = plugin.cpuUs()
      // A plugin that was started afresh meanwhile counts from nothing again.
      const cpuUs = Math.max(0, nowUs < spentUs ? nowUs : nowUs - spentUs)
      spentUs = nowUs
      send({ kind: 'part', id, count: finished, cpuUs }, json)
    },
    onCall: ({ number, item, name, body: request }) =>
      send({ kind: 'call', id, number, item, name }, request),
  }
  try {
    await runBatch(plugin, { agent, body, count, timeoutMs, waitMs }, port)
  } catch (thrown) {
    send({ kind: 'failed', id }, textOf(thrown))
  } finally {
    inboxes.delete(id)
  }
}

function obey(order: Order, body: string): void {
  if (order.kind === 'load') void load(order, body)
  else if (order.kind === 'react') void react(order, body)
  else if (order.kind === 'answer') {
    const { id, number, isAnswer } = order
    inboxes.get(id)?.push({ number, isAnswer, body })
  } else if (order.kind === 'unload') {
    plugins.get(order.key)?.close()
    plugins.delete(order.key)
  }
}

// The host is the trusted side of this pipe: its frames are not checked again.
const isOrder = (head: unknown): head is Order =>
  typeof head === 'object' && head !== null && 'kind' in head

const read = frameReader({ headBytesMax: 4096, bodyBytesMax: 16_777_216 }, ({ head, body }) => {
  if (isOrder(head)) obey(head, body)
})
process.stdin.on('data', (chunk: Buffer) => void read(chunk))
// Ctrl-C and a supervisor's stop reach every process of the group. It is the host that they are meant for: it
// lets what runs here come to its end, and then closes the pipe.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
// Without a host nobody would ever stop this process.
process.stdin.on('end', () => process.exit(0))
send({ kind: 'ready', id: 0 })
