import type { AgentRun } from './model/pluginHealth.ts'

/**
 * Wake-ups, sent after a commit, within the process and by `relay.ts` to the other nodes. A signal is a hint
 * and carries no data that matters: whoever misses one finds the work by its poll.
 */
export const topics = [
  'agenda',
  'proposed',
  'approved',
  'audit',
  'policy',
  'plugin',
  'trait',
  'consent',
  'subject',
  /** Somebody was erased: opened keys are forgotten. */
  'erased',
  'followUp',
  'task',
  /** An intent was vetoed, or met its opposite. */
  'intent',
] as const
export type Topic = (typeof topics)[number]

/** Something that happened often enough to be counted rather than told; codes and names of ours only. */
export type Counted =
  | { what: 'decision'; kind: 'plan' | 'dispatch'; outcome: string }
  | { what: 'activation'; state: string; reason: string }
  | { what: 'delivery'; channel: string; result: string }
  | { what: 'followUp'; kind: string; channel: string; result: string }
  | { what: 'event'; status: string; count: number }
  /** What operators did with reactions that waited, by why these did. */
  | { what: 'agenda'; act: 'released' | 'dropped'; reason: string; count: number }
  /** A request of a plugin: `sent` or why it was denied, and what left. */
  | { what: 'egress'; plugin: string; code: string; bytes: number }
  | { what: 'shadow'; direction: string }
  /** What a try at a task of an objective came to. */
  | { what: 'task'; state: string }
  /** Processor time of calls of an agent, named plugin/agent. */
  | { what: 'cpu'; agent: string; ms: number }
  /** How long what a dead worker held lay before it was free for others. */
  | { what: 'recovery'; seconds: number }
  /** How long a change of the rules took until nothing of before was left. */
  | { what: 'realigned'; change: 'policy' | 'plugin' | 'config'; seconds: number }
  /** Something about consent that was not taken as said, such as an id that nobody mapped. */
  | { what: 'consent'; code: string }
  /** A stated trait that was not written; the key is of a definition, so there are not many. */
  | { what: 'refusal'; trait: string; code: string; count: number }
  /** An agent's write that met another's word, by the rule that decides; told once it stands. */
  | { what: 'conflict'; rule: string; state: string }
  /** What became of what an agent had announced. */
  | { what: 'intent'; state: string }

/** Who uses data, how and what for. */
export interface Accessor {
  workspaceId: number
  /** `agent:<plugin>/<agent>` or `principal:<id>`. */
  actor: string
  kind: 'read' | 'write' | 'send' | 'export'
  /** Of a principal with several, all of them, parted by spaces; empty for none. */
  purpose: string
}

/** A kind of data that was used, never a value: `trait:<key>`, `property:<name>`, `host:<name>` and the like. */
export interface Accessed {
  object: string
  /** Default 1. */
  count?: number
}

export type Sent = { topic: Topic } | { workspaceId: number; profileIds: readonly string[] }

export interface Signals {
  send(topic: Topic): void
  /** Returns the function that stops listening. */
  on(topic: Topic, listener: () => void): () => void
  /** Profiles whose traits, consents or activations changed, for subscriptions. */
  profileChanged(workspaceId: number, profileIds: readonly string[]): void
  onProfileChanged(
    listener: (workspaceId: number, profileIds: readonly string[]) => void,
  ): () => void
  /** What was sent here and other nodes may want to hear. */
  onSent(listener: (sent: Sent) => void): () => void
  /** Passes on what another node sent, without sending it again. */
  deliver(sent: Sent): void
  /** Told after the commit, for metrics. */
  count(counted: Counted): void
  onCount(listener: (counted: Counted) => void): () => void
  /** Told of uses of data, for the records of processing; on hot paths, so a listener only counts. */
  accessed(by: Accessor, what: readonly Accessed[]): void
  onAccessed(listener: AccessListener): () => void
  /** Told of each batch that an agent ran, for the health of its plugin; a listener only counts. */
  ran(run: AgentRun): void
  onRan(listener: (run: AgentRun) => void): () => void
}

type AccessListener = (by: Accessor, what: readonly Accessed[]) => void

export function createSignals(): Signals {
  const listeners = new Map<Topic, Set<() => void>>(topics.map((topic) => [topic, new Set()]))
  const watchers = new Set<(workspaceId: number, profileIds: readonly string[]) => void>()
  const counters = new Set<(counted: Counted) => void>()
  const observers = new Set<AccessListener>()
  const meters = new Set<(run: AgentRun) => void>()
  const senders = new Set<(sent: Sent) => void>()
  const deliver = (sent: Sent): void => {
    if ('topic' in sent) for (const listener of listeners.get(sent.topic) ?? []) listener()
    else for (const watcher of watchers) watcher(sent.workspaceId, sent.profileIds)
  }
  const send = (sent: Sent): void => {
    deliver(sent)
    for (const sender of senders) sender(sent)
  }
  return {
    deliver,
    send: (topic) => send({ topic }),
    profileChanged: (workspaceId, profileIds) => send({ workspaceId, profileIds }),
    on(topic, listener) {
      listeners.get(topic)?.add(listener)
      return () => listeners.get(topic)?.delete(listener)
    },
    onProfileChanged(listener) {
      watchers.add(listener)
      return () => watchers.delete(listener)
    },
    onSent(listener) {
      senders.add(listener)
      return () => senders.delete(listener)
    },
    count(counted) {
      for (const counter of counters) counter(counted)
    },
    onCount(listener) {
      counters.add(listener)
      return () => counters.delete(listener)
    },
    accessed(by, what) {
      for (const observer of observers) observer(by, what)
    },
    onAccessed(listener) {
      observers.add(listener)
      return () => observers.delete(listener)
    },
    ran(run) {
      for (const meter of meters) meter(run)
    },
    onRan(listener) {
      meters.add(listener)
      return () => meters.delete(listener)
    },
  }
}
