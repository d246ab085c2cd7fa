/**
 * Everything that a plugin author imports, as `slateboard/plugin`.
 *
 * A plugin is a folder with plugin.json (who it is, what its agents may touch) and a main file:
 *
 * @example
 * import { definePlugin, done } from 'slateboard/plugin'
 *
 * export default definePlugin({
 *   agents: {
 *     greet: ({ profile }) =>
 *       profile.traits['greeted'] ? done() : done({ writes: { greeted: { value: true } } }),
 *   },
 * })
 *
 * The code runs in an isolate of its own: plain JavaScript, no files, sockets, timers, environment or
 * Node modules. It sees what its manifest declares and nothing else, and acts only through what it
 * returns and what it asks the host to send. The same input may be handed to it more than once (after a
 * crash or a conflict), so a handler should decide from its input alone; what it must remember belongs in a
 * trait it writes or in its state. Traits are for everybody whom policies let see them, state is for the
 * plugin alone. Variables of the module are lost whenever the plugin is unloaded, which happens after a while
 * without a call.
 */
import type { Performer, PlannedTask, TaskOutcome, TaskScore } from './performerContract.ts'
import type { EventType } from '../model/event.ts'
import type { IntentState } from '../model/intent.ts'
import type { Interval } from '../model/interval.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Author } from '../model/trait.ts'

export type { Author, EventType, Interval, Json, JsonObject }
export type {
  Performer,
  PlannedTask,
  TaskInput,
  TaskOutcome,
  TaskResult,
  TaskScore,
} from './performerContract.ts'

/** A trait as an agent sees it. */
export interface TraitView {
  value: Json
  /** 0..1; 1 for what a person or system stated. */
  confidence: number
  /** Of a number that is an estimate: how far off it may be. */
  interval?: Interval
  author: Author
  /** Counts the writes of this trait on this profile, from 1. */
  revision: number
  /** ISO 8601, UTC. */
  writtenAt: string
}

/** Why the agent was woken. Several causes that came together are handed over in one call, oldest first. */
export type Cause =
  | {
      kind: 'event'
      id: string
      type: EventType
      /** The track event's name or the page's or screen's name; empty otherwise. */
      name: string
      /** When it happened: ISO 8601, UTC. Events may arrive out of order. */
      timestamp: string
      /** The properties that `reads.events` names. */
      properties: JsonObject
    }
  | { kind: 'trait'; key: string; author: Author }
  | { kind: 'consent'; purpose: string; channel: string }
  | {
      kind: 'schedule'
      /** When it was due: ISO 8601, UTC. After a standstill the last one only. */
      at: string
    }
  | {
      kind: 'objective'
      /** Its name. */
      objective: string
      /** It began, is planned anew, or ended. */
      state: 'started' | 'planned' | 'reached' | 'missed' | 'stopped'
      round: number
    }
  | {
      kind: 'intent'
      id: string
      /** `open`: another `agent` announces an `intent` of that kind. Else what became of one of its own. */
      state: IntentState
      agent: string
      intent: string
      resource: string
      direction: string | null
    }
  | { kind: 'manual' }

/** One profile that the agent should look at. */
export interface ReactInput {
  profile: {
    id: string
    /**
     * The traits of `reads` that the profile has and that policies let the agent see. Of `reads.pii` the value is a
     * handle such as `pii:email:h_…`: it stands for the value in `ctx.fetch` of this very call, and nowhere else.
     */
    traits: Record<string, TraitView>
  }
  causes: Cause[]
  /** The time of the call, ISO 8601, UTC. Use this rather than Date.now(), so that a replay agrees. */
  now: string
  /** The config of the manifest as it is set now, defaults filled in; {} where none is declared. */
  config?: JsonObject
  /** What the plugin remembers, as far as `state` of the manifest names it to this agent; else empty. */
  state?: StateView
}

export interface StateView {
  /**
   * Of this profile. Of a person who refused the agent's purpose it is empty, and what is returned is not kept.
   * Profiles that were merged have the state of the one they count as; where that has none, the newest.
   */
  profile: JsonObject
  /** Of the plugin, the same for every profile. Nothing about single persons belongs here. */
  plugin: JsonObject
}

/** A trait value to write; null removes the trait. */
export type Write = {
  value: Json
  /** 0..1, default 1. */
  confidence?: number
  /** Of a number; it has to lie in it. */
  interval?: Interval
} | null

/** An outward act to propose. The gate decides; nothing is sent without consent and policy. */
export interface ProposedActivation {
  purpose: string
  channel: string
  /** For channels that address a place rather than the person, such as webhook. Its host must be in `network`. */
  destination?: string
  content?: JsonObject
  /** Trait keys whose values the channel puts into the message. */
  fields?: string[]
  /** Those of `fields` without which it makes no sense: it is refused when one may not be sent. */
  requires?: string[]
  /** How risky it is, 0 to 1. Above the limit that the policy sets, a person has to approve it first. */
  risk?: number
  /**
   * What it costs, in whole ones of the budget's unit. It leaves only while so much is left, and what does not
   * leave in the end costs nothing. The budget must be in `budgets` of the act in the manifest.
   */
  cost?: { budget: string; amount: number }
}

/** Stops activations for a purpose (and its children) on this profile until the agent releases it. */
export interface Hold {
  purpose: string
  /** Shown to operators and auditors; must not contain personal data. At most 200 characters. */
  reason: string
}

/** What the agent is about to do. Others may veto it; the agent is woken with what became of it. */
export interface Intent {
  /** One of `announces`. */
  kind: string
  /** What is acted upon, in a name that agents agree on, such as `channel:email`. Nothing of a person. */
  resource: string
  /** Such as `up` or `down`: of two that differ on one resource neither is carried out until a person chooses. */
  direction?: string
  /** How long others have to say no: 100 ms to 24 h. */
  windowMs: number
  /** One that `proposes` allows. It goes before the gate when the window has closed, and not before. */
  activation?: ProposedActivation
}

export interface Veto {
  /** The id of the intent, as its cause names it. What is not open any more is left alone. */
  intent: string
  /** Shown to operators; must not contain personal data. At most 200 characters. */
  reason: string
}

export interface Effects {
  writes?: Record<string, Write>
  activations?: ProposedActivation[]
  holds?: Hold[]
  /** Purposes whose hold by this agent ends. */
  releases?: string[]
  /** What it announces before it acts. */
  intents?: Intent[]
  /** Intents of others, of the kinds that `vetoes` names, that are not to be carried out. */
  vetoes?: Veto[]
  /**
   * State to keep, by key; null drops a key, and what is not named stays. It is committed with the other
   * effects. When another reaction wrote state that this one was handed, this one runs again.
   */
  state?: { profile?: JsonObject; plugin?: JsonObject }
}

/** What a handler answers. Build it with `done`, `snooze` or `cancel`. */
export type Outcome =
  | ({ kind: 'done' } & Effects &
      Required<Pick<Effects, 'writes' | 'activations' | 'holds' | 'releases'>>)
  | { kind: 'snooze'; ms: number }
  | { kind: 'cancel'; reason: string }

/** Finished, with the effects to commit: all of them together or none. */
export function done(effects: Effects = {}): Outcome {
  const { writes = {}, activations = [], holds = [], releases = [], ...others } = effects
  return { kind: 'done', writes, activations, holds, releases, ...others }
}

/** Ask again after `ms` milliseconds (1 s to 30 days), or earlier if a trigger fires. */
export function snooze(ms: number): Outcome {
  return { kind: 'snooze', ms }
}

/** Nothing to do, and say why (no personal data, at most 200 characters). Not a failure. */
export function cancel(reason: string): Outcome {
  return { kind: 'cancel', reason }
}

/** The task is done. `tasks` are a plan, from a task of the skill `plan` alone. */
export function finished(outcome: {
  result?: Json
  tasks?: PlannedTask[]
  score?: TaskScore
}): TaskOutcome {
  return { kind: 'finished', ...outcome, result: outcome.result ?? null }
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What `ctx.fetch` sends. */
export interface FetchInit {
  /** Default GET. The manifest's `network` names the methods for each host. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /**
   * At most 30. `{{secret:NAME}}` stands for a secret of the plugin's configuration, `{{secret:NAME|base64}}` for
   * its base64; the plugin never sees the value.
   */
  headers?: Record<string, string>
  /**
   * Handles (see `ReactInput`) in it leave as the values they stand for; `{{<handle>|sha256}}` leaves as the
   * SHA-256 of the value's normal form, as advertising platforms match by. At most 256 K characters.
   */
  body?: string
  /** Which of the purposes that `network` names for the host; needed where there are several. */
  purpose?: string
}

export interface FetchAnswer {
  status: number
  /** Names in lower case. */
  headers: Record<string, string>
  /** At most 256 KB; secrets and personal data that the call carried are masked. */
  text: string
  /** Parses `text`. */
  json(): unknown
}

/** What `ctx.generate` asks a language model for; `model` as the API calls it. */
export interface GenerateInit {
  /** Where an OpenAI-compatible API begins, such as https://api.openai.com/v1; `network` names its host, with POST. */
  url: string
  model: string
  /** Name of the secret that is the API's key. */
  key?: string
  system?: string
  /** No handle may stand in it or in `system`: the host would fill it in, and the model would be told the value. */
  prompt: string
  /** At most 8192. */
  maxOutputTokens?: number
  temperature?: number
  purpose?: string
}

export interface Generated {
  text: string
  /** Why it ended: `stop` where it said all, `length` where there was no more room. */
  finishReason: string
  inputTokens: number | null
  outputTokens: number | null
}

/** What the promise of a call rejects with. Uncaught, it fails the item. */
export interface PluginCallDenied extends Error {
  name: 'PluginCallDenied'
  /** Such as no_consent, objected, not_declared, destination_private, rate_limited or timeout. */
  code: string
  /** The policy's rule that decided, where one did. */
  rule: string | null
  /** The consent that is missing, where one is. */
  missing: { purpose: string; channel: string } | null
  /** What to do. */
  remedy: string
}

/** @example try { … } catch (thrown) { if (isDenied(thrown) && thrown.code === 'no_consent') return done() } */
export const isDenied = (thrown: unknown): thrown is PluginCallDenied =>
  thrown instanceof Error && thrown.name === 'PluginCallDenied'

export interface Context {
  /** A line for the operator's log: at most 20 per call, 500 characters each. Values of traits are masked. */
  log(level: LogLevel, message: string): void
  /**
   * Asks the host to send a request to a host that the manifest's `network` names. It leaves only where policy,
   * consent and the person's standing allow this plugin its purpose for this profile, and rejects with
   * `PluginCallDenied` otherwise. At most 8 for an item; await each. It may be sent again after a crash: the host
   * gives it an `idempotency-key` that stays the same.
   */
  fetch(url: string, init?: FetchInit): Promise<FetchAnswer>
  /**
   * Has a language model say something: one request, which leaves, counts and is denied as those of `fetch`. Rejects with
   * `model_failed` where the API gives no answer of use.
   */
  generate(init: GenerateInit): Promise<Generated>
}

/**
 * Called with one input at a time; while one waits for the host others may begin. There is nothing else to
 * wait for: another promise that does not settle by itself counts as a timeout. Throwing counts as a failure, and
 * `onFailure` of the manifest decides what follows.
 */
export type Handler = (input: Required<ReactInput>, ctx: Context) => Outcome | Promise<Outcome>

/**
 * Brings state that was written as version `from` to the version of the manifest. Must be pure: it may run
 * again, in any order, on any node. `of` tells what it is given: all that is kept for one profile, or one key
 * of the plugin's own state as `{ key: value }`. What it leaves out is dropped.
 */
export type Migrate = (old: JsonObject, from: number, of: 'profile' | 'plugin') => JsonObject

/**
 * Says whether this version works where it was loaded, before it takes over from the one in service: throws, or
 * returns what is wrong. What it finds refuses the installation, and the version in service goes on. It has a
 * second, sees no profile and no config, and cannot call the host; it may call the plugin's own handlers.
 *
 * @example selfTest: () => (rates.length === 12 ? [] : ['the table of rates is not whole'])
 */
export type SelfTest = (ctx: Pick<Context, 'log'>) => SelfTestResult | Promise<SelfTestResult>

/** Messages without personal data; none, or nothing at all, where all is well. */
export type SelfTestResult = readonly string[] | undefined | void

export interface PluginDefinition {
  /** One handler for each agent id of the manifest. */
  agents?: Record<string, Handler>
  /** One for each performer id of the manifest. */
  performers?: Record<string, Performer>
  /** Needed as soon as `state.version` of the manifest is above 1. */
  migrate?: Migrate
  /** Called once when the version is installed. */
  selfTest?: SelfTest
}

/** The default export of a plugin's main file. */
export function definePlugin(definition: PluginDefinition): PluginDefinition {
  return definition
}
