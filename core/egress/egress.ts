/**
 * What plugins send outside, through the host: the manifest declares it, the plugin's budget has room for it, it
 * carries no personal data that the plugin put in by itself, and the gate allows it for the person it is about.
 * Only then handles and secrets become what they stand for, and the answer comes back without them.
 */
import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { listSealed } from '../../blackboard/query/listSealed.ts'
import type { GateDeps } from '../flow/gate/assemble.ts'
import type { ReactInput } from '../host/contract.ts'
import { CallDenied } from '../host/denied.ts'
import type { HostCalls } from '../host/engine.ts'
import type { RunnableAgent } from '../host/registry.ts'
import { jsonSchema, type Json } from '../model/json.ts'
import type { Trace } from '../model/trace.ts'
import { openSealed, placeKey } from '../openSealed.ts'
import { trouble } from '../trouble.ts'
import { open } from '../vault.ts'
import { answerCall } from './answerCall.ts'
import { Budget, budgetDefaults, type BudgetLimits } from './budget.ts'
import { createDecider, type Question } from './decide.ts'
import type { Denial } from '../host/denied.ts'
import { deny } from './deny.ts'
import { cover } from './echo.ts'
import { HandleBook, type Handled } from './handle.ts'
import { idempotencyKey } from './idempotency.ts'
import { leakIn, needlesOf, type Needle } from './leak.ts'
import { prepare, usesIn, type Echo, type Prepared, type Use } from './prepare.ts'
import { readAsked, targetOf, type Asked, type Target } from './request.ts'
import type { SecretSource } from './secrets.ts'
import { createSender, type Answer, type Reply, type Sender, type SenderOptions } from './send.ts'

export interface EgressOptions extends SenderOptions {
  secrets: SecretSource
  limits?: Partial<BudgetLimits>
}

export interface Egress extends Disposable {
  /** What the items of one batch of an agent may ask for; forgotten with the batch. */
  begin(agent: RunnableAgent): EgressBatch
  /** Ends what is under way and denies the rest: the node is stopping. */
  stop(): void
}

export interface EgressBatch {
  /** A handle for a value that the agent does not see. */
  handleOf(handled: Handled): string
  /**
   * @param inputs what the items were handed, in their order
   * @param traces what their calls are part of, likewise
   */
  callsOf(inputs: readonly ReactInput[], traces?: readonly (Trace | undefined)[]): HostCalls
  /** What came of the calls so far. */
  sums(): EgressSums
}

export interface EgressSums {
  bytesOut: number
  denials: number
}

interface Parts {
  deps: GateDeps
  secrets: SecretSource
  sender: Sender
  budget: Budget
  decide: (question: Question) => Promise<Denial | null>
  stopped: AbortSignal
}

export function createEgress(
  deps: GateDeps,
  { secrets, limits, ...options }: EgressOptions,
): Egress {
  const stop = new AbortController()
  const sender = createSender(options)
  const budget = new Budget({ ...budgetDefaults, ...limits })
  const parts: Parts = {
    deps,
    secrets,
    sender,
    budget,
    decide: createDecider(deps),
    stopped: stop.signal,
  }
  return {
    begin: (agent) => new Batch(parts, agent),
    stop: () => stop.abort(),
    [Symbol.dispose]() {
      stop.abort()
      sender.close()
    },
  }
}

/** A request that was looked at and not decided yet. */
interface Checked {
  asked: Asked
  target: Target
  uses: (Use & { handled: Handled })[]
}

class Batch implements EgressBatch {
  readonly #parts: Parts
  readonly #agent: RunnableAgent
  readonly #handles = new HandleBook()
  #sealed: Promise<ReadonlyMap<string, Sealed>> | undefined
  readonly #sums = { bytesOut: 0, denials: 0 }

  constructor(parts: Parts, agent: RunnableAgent) {
    this.#parts = parts
    this.#agent = agent
  }

  handleOf(handled: Handled): string {
    return this.#handles.issue(handled)
  }

  callsOf(inputs: readonly ReactInput[], traces: readonly (Trace | undefined)[] = []): HostCalls {
    return {
      call: async (item, name, body) => {
        const input = inputs[item]
        if (!input) throw deny('unknown_call', { name })
        return answerCall(name, body, (asked) =>
          this.#traced({ input, body: asked, inputs }, traces[item]),
        )
      },
    }
  }

  /** @throws CallDenied */
  async #traced(asking: Omit<Asking, 'trace'>, trace: Trace | undefined): Promise<Answer> {
    const { deps } = this.#parts
    const { workspaceId: workspace, name: agent } = this.#agent
    const span = deps.board.tracing.begin('fetch', trace, { facts: { workspace, agent } })
    const { code, bytes, answer } = await this.#fetch({ ...asking, trace: span.trace })
    span.end({ outcome: code, error: answer instanceof CallDenied ? code : undefined })
    deps.board.signals.count({ what: 'egress', plugin: this.#agent.pluginId, code, bytes })
    this.#sums.bytesOut += bytes
    if (!(answer instanceof CallDenied)) return answer
    this.#sums.denials += 1
    throw answer
  }

  sums(): EgressSums {
    return this.#sums
  }

  /** Never rejects. */
  async #fetch(asking: Asking): Promise<Fetched> {
    const { input, body, inputs } = asking
    const { board } = this.#parts.deps
    try {
      const checked = await this.#check(input, body, inputs).catch(async (thrown: unknown) => {
        if (thrown instanceof CallDenied) await this.#recordDenied(input, thrown)
        throw thrown
      })
      const { budget, stopped } = this.#parts
      return await budget.fly(this.#account, board.clock.now().getTime(), async () => {
        if (stopped.aborted) throw deny('stopping')
        const denial = await this.#parts.decide(await this.#question(input, checked))
        if (denial) throw new CallDenied(denial)
        return this.#send(asking, checked)
      })
    } catch (thrown) {
      if (thrown instanceof CallDenied) return deniedBy(thrown)
      board.log.error(
        { agent: this.#agent.name, ...trouble(thrown) },
        'a request could not be made',
      )
      return deniedBy(deny('internal'))
    }
  }

  get #account(): string {
    return `${this.#agent.workspaceId}/${this.#agent.pluginId}`
  }

  async #check(input: ReactInput, body: string, inputs: readonly ReactInput[]): Promise<Checked> {
    const asked = readAsked(body)
    const target = targetOf(asked, this.#agent.network)
    const uses = usesIn(asked, target).map((use) => {
      const handled = this.#handles.find(use.token, input.profile.id)
      if (!handled) throw deny('handle_unknown')
      return { ...use, handled }
    })
    const { board } = this.#parts.deps
    this.#parts.budget.take(this.#account, body.length, board.clock.now().getTime())
    const sealed = await this.#sealedOf(inputs)
    refuseLeaks(
      asked,
      [...sealed.values()].flatMap(({ needles }) => needles),
    )
    return { asked, target, uses }
  }

  async #question(
    { profile, causes }: ReactInput,
    { asked, target, uses }: Checked,
  ): Promise<Question> {
    const { workspaceId, name, manifest } = this.#agent
    const known = await this.#parts.deps.definitions.of(workspaceId)
    const properties = causes.flatMap((cause) =>
      cause.kind === 'event' ? Object.keys(cause.properties) : [],
    )
    const shown = Object.keys(profile.traits).filter((key) => !manifest.reads.pii.includes(key))
    const open = new Set(uses.flatMap(({ handled, isHashed }) => (isHashed ? [] : [handled.key])))
    const carried = uses.map(({ handled }) => handled.key)
    return {
      workspaceId,
      agent: name,
      profileId: profile.id,
      purpose: target.purpose,
      host: target.url.hostname,
      method: asked.method,
      fields: [...new Set([...shown, ...properties.filter((key) => known.has(key)), ...carried])],
      hashed: [...new Set(carried)].filter((key) => !open.has(key)),
    }
  }

  async #send({ input, inputs, trace }: Asking, checked: Checked): Promise<Fetched> {
    const { sender, stopped } = this.#parts
    const { entry } = checked.target
    let fetched: Fetched
    try {
      const { outbound, echoes } = await this.#filled(checked)
      outbound.headers['idempotency-key'] ??= idempotencyKey(this.#agent, input, checked.asked)
      if (trace !== undefined) outbound.headers['traceparent'] = trace
      const reply = await sender.send(outbound, {
        timeoutMs: entry.timeoutMs,
        signal: stopped,
        mayFollow: (url, method) => isUnder({ ...checked.asked, url: url.href, method }, entry),
      })
      const sealed = await this.#sealedOf(inputs)
      fetched = fetchedOf(reply, [...echoes, ...(sealed.get(input.profile.id)?.echoes ?? [])])
      this.#tellSent(checked)
    } catch (thrown) {
      if (!(thrown instanceof CallDenied)) throw thrown
      fetched = deniedBy(thrown)
    }
    await this.#recordEnd(input, checked, fetched)
    return fetched
  }

  /** Opens what the handles stand for and puts it in, with the secrets. */
  async #filled({ asked, target, uses }: Checked): Promise<Prepared> {
    const { deps, secrets } = this.#parts
    const { workspaceId, pluginId } = this.#agent
    const places = uses.flatMap(({ handled: { key, source } }) =>
      'vault' in source ? [{ profileId: source.vault, key: `trait/${key}` }] : [],
    )
    const [opened, known] = await Promise.all([
      openSealed(deps.board, workspaceId, places),
      secrets.secretsOf(workspaceId, pluginId),
    ])
    const values = new Map(
      uses.flatMap(({ token, handled: { key, source } }) => {
        if ('value' in source) return [[token, { key, value: source.value }] as const]
        const text = opened.get(placeKey({ profileId: source.vault, key: `trait/${key}` }))
        return text === undefined ? [] : [[token, { key, value: parsed(text) }] as const]
      }),
    )
    return prepare(asked, target, {
      secret: (name) => known.get(name),
      pii: (token) => values.get(token),
    })
  }

  /** What the vault holds of the persons of the batch: asked for once, when the first of them calls. */
  #sealedOf(inputs: readonly ReactInput[]): Promise<ReadonlyMap<string, Sealed>> {
    const ids = [...new Set(inputs.map(({ profile }) => profile.id))]
    this.#sealed ??= readSealed(this.#parts.deps, this.#agent.workspaceId, ids)
    return this.#sealed
  }

  #tellSent({ target, uses }: Checked): void {
    const { workspaceId, name } = this.#agent
    const fields = new Set(uses.map(({ handled }) => `trait:${handled.key}`))
    this.#parts.deps.board.signals.accessed(
      { workspaceId, actor: `agent:${name}`, kind: 'send', purpose: target.purpose },
      [`host:${target.url.hostname}`, ...fields].map((object) => ({ object })),
    )
  }

  /** A refusal of before the gate, which records its own. */
  #recordDenied(input: ReactInput, { denial }: CallDenied): Promise<void> {
    return this.#record('egress.deny', input, { reason: denial.code })
  }

  #recordEnd(
    input: ReactInput,
    { asked, target, uses }: Checked,
    { code, bytes, answer }: Fetched,
  ): Promise<void> {
    return this.#record('egress.end', input, {
      host: target.url.hostname,
      method: asked.method,
      purpose: target.purpose,
      bytes,
      fields: [...new Set(uses.map(({ handled }) => handled.key))],
      ...(answer instanceof CallDenied ? { reason: code } : { status: answer.status }),
    })
  }

  async #record(action: string, { profile }: ReactInput, payload: object): Promise<void> {
    const { clock, db, signals } = this.#parts.deps.board
    const { workspaceId, name } = this.#agent
    const actor = `agent:${name}`
    const object = `profile:${profile.id}`
    const entry = { at: clock.now(), id: clock.id(), actor, action, object, payload }
    await appendAudit(db.sql, { workspaceId, entries: JSON.stringify([entry]) })
    signals.send('audit')
  }
}

/** What an item asks for. */
interface Asking {
  input: ReactInput
  body: string
  /** Of the whole batch. */
  inputs: readonly ReactInput[]
  trace: Trace | undefined
}

interface Fetched {
  /** `sent`, or why it was denied. */
  code: string
  bytes: number
  answer: Answer | CallDenied
}

const deniedBy = (answer: CallDenied): Fetched => ({ code: answer.denial.code, bytes: 0, answer })

function fetchedOf({ status, headers, text, bytesOut }: Reply, echoes: readonly Echo[]): Fetched {
  const covered = Object.entries(headers).map(([name, value]) => [name, cover(value, echoes)])
  return {
    code: 'sent',
    bytes: bytesOut,
    answer: { status, headers: Object.fromEntries(covered), text: cover(text, echoes) },
  }
}

/** A redirect stays under the entry that the request is under. */
function isUnder(asked: Asked, entry: Target['entry']): boolean {
  try {
    targetOf({ ...asked, purpose: entry.purpose }, [entry])
    return true
  } catch (thrown) {
    if (thrown instanceof CallDenied) return false
    throw thrown
  }
}

/** @throws CallDenied personal_data */
function refuseLeaks({ url, headers, body = '' }: Asked, needles: readonly Needle[]): void {
  const places = { url, headers: Object.entries(headers).flat().join('\n'), body }
  for (const [place, text] of Object.entries(places)) {
    const key = leakIn(text, needles)
    if (key !== undefined) throw deny('personal_data', { place, key })
  }
}

/** What the vault holds of one person, for comparison. */
interface Sealed {
  needles: Needle[]
  echoes: Echo[]
}

async function readSealed(
  { board }: GateDeps,
  workspaceId: number,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Sealed>> {
  const rows = await listSealed(board.db.sql, { workspaceId, ids })
  const found = new Map<string, Sealed>()
  const keys = new Map<string, Buffer>()
  for (const { profileId, person, key, sealed, wrapped } of rows) {
    const dataKey = keys.get(profileId) ?? board.vault.unwrap(workspaceId, profileId, wrapped)
    keys.set(profileId, dataKey)
    const text = open(dataKey, { workspaceId, profileId, field: key }, sealed).toString('utf8')
    const [kind, name = ''] = key.split('/', 2)
    const needles = needlesOf(name, kind === 'trait' ? parsed(text) : text)
    const of = found.get(person) ?? { needles: [], echoes: [] }
    of.needles.push(...needles)
    of.echoes.push(...needles.map(({ text: value }): Echo => [value, `[${name}]`]))
    found.set(person, of)
  }
  return found
}

const parsed = (text: string): Json => jsonSchema.parse(JSON.parse(text))
