import type { Logger } from 'pino'
import { z } from 'zod'
import type { Database } from '../blackboard/connect.ts'
import { topics, type Sent, type Signals, type Topic } from './signal.ts'
import { trouble } from './trouble.ts'

const channel = 'slateboard'
// Gathered for this long and sent outside of every transaction: a NOTIFY within each write transaction cut
// 12.8k transactions/s to 3.3k, since all of them queue for one lock to commit.
const gatherMs = 10
/** A payload may have 8,000 bytes; an id has 26. */
const profilesMax = 200

const wireSchema = z.object({
  from: z.string(),
  topics: z.array(z.enum(topics)),
  workspaceId: z.int().optional(),
  profileIds: z.array(z.string().max(40)).max(profilesMax),
})
type Wire = z.infer<typeof wireSchema>

/**
 * Passes signals between the nodes that share a Postgres, so that work and subscriptions on one are woken by
 * what another commits. The embedded engine has one process and needs none. Where the server cannot listen,
 * behind a pooler say, it is logged and polling alone goes on.
 *
 * @param node id of this process, which tells its own signals from the others'
 */
export async function relaySignals(
  { sql, engine }: Database,
  signals: Signals,
  node: string,
  log: Logger,
): Promise<AsyncDisposable> {
  if (engine === 'embedded') return { [Symbol.asyncDispose]: () => Promise.resolve() }
  const outbox = new Outbox(node, async (wire) => {
    await sql`select pg_notify(${channel}, ${JSON.stringify(wire)})`
  })
  outbox.onFailure = (thrown) => log.warn(trouble(thrown), 'other nodes could not be woken')
  const deafen = signals.onSent((sent) => outbox.add(sent))
  const listening = await sql
    .listen(channel, (text) => receive(text, node, signals))
    .catch((thrown: unknown) => {
      log.warn(trouble(thrown), 'the database does not pass signals on; this node polls')
      return undefined
    })
  return {
    async [Symbol.asyncDispose]() {
      deafen()
      await outbox.close()
      await listening?.unlisten()
    },
  }
}

function receive(text: string, node: string, signals: Signals): void {
  const wire = wireSchema.safeParse(parsed(text))
  if (!wire.success || wire.data.from === node) return
  const { topics: heard, workspaceId, profileIds } = wire.data
  for (const topic of heard) signals.deliver({ topic })
  if (workspaceId !== undefined) signals.deliver({ workspaceId, profileIds })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Somebody else uses the channel: not for us.
    return undefined
  }
}

/** Gathers what is sent within a few milliseconds into few notifications. */
class Outbox {
  onFailure: (thrown: unknown) => void = () => undefined
  readonly #node: string
  readonly #notify: (wire: Wire) => Promise<void>
  #topics = new Set<Topic>()
  #profiles = new Map<number, Set<string>>()
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> = Promise.resolve()

  constructor(node: string, notify: (wire: Wire) => Promise<void>) {
    this.#node = node
    this.#notify = notify
  }

  add(sent: Sent): void {
    if ('topic' in sent) this.#topics.add(sent.topic)
    else {
      const known = this.#profiles.get(sent.workspaceId) ?? new Set()
      for (const id of sent.profileIds) known.add(id)
      this.#profiles.set(sent.workspaceId, known)
    }
    this.#timer ??= setTimeout(() => this.#flush(), gatherMs)
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#sending
  }

  #flush(): void {
    this.#timer = undefined
    const wires = this.#wires()
    this.#topics = new Set()
    this.#profiles = new Map()
    this.#sending = this.#send(this.#sending, wires)
  }

  async #send(before: Promise<void>, wires: readonly Wire[]): Promise<void> {
    await before
    try {
      await Promise.all(wires.map((wire) => this.#notify(wire)))
    } catch (thrown) {
      this.onFailure(thrown)
    }
  }

  #wires(): Wire[] {
    const pages = [...this.#profiles].flatMap(([workspaceId, ids]) =>
      pagesOf([...ids]).map((profileIds) => ({ workspaceId, profileIds })),
    )
    const first: Wire = { from: this.#node, topics: [...this.#topics], profileIds: [] }
    return [
      ...(first.topics.length > 0 ? [first] : []),
      ...pages.map((page): Wire => ({ from: this.#node, topics: [], ...page })),
    ]
  }
}

const pagesOf = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / profilesMax) }, (_, page) =>
    ids.slice(page * profilesMax, (page + 1) * profilesMax),
  )
