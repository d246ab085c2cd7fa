/**
 * In-process wake-ups, sent after a commit. A signal is a hint and carries no data that matters: whoever
 * misses one finds the work by its poll.
 */
export const topics = ['agenda', 'proposed', 'approved', 'audit', 'policy', 'plugin'] as const
export type Topic = (typeof topics)[number]

/** Something that happened often enough to be counted rather than told; codes and names of ours only. */
export type Counted =
  | { what: 'decision'; kind: 'plan' | 'dispatch'; outcome: string }
  | { what: 'activation'; state: string; reason: string }
  | { what: 'delivery'; channel: string; result: string }
  | { what: 'event'; status: string; count: number }

export interface Signals {
  send(topic: Topic): void
  /** Returns the function that stops listening. */
  on(topic: Topic, listener: () => void): () => void
  /** Profiles whose traits, consents or activations changed, for subscriptions. */
  profileChanged(workspaceId: number, profileIds: readonly string[]): void
  onProfileChanged(
    listener: (workspaceId: number, profileIds: readonly string[]) => void,
  ): () => void
  /** Told after the commit, for metrics. */
  count(counted: Counted): void
  onCount(listener: (counted: Counted) => void): () => void
}

export function createSignals(): Signals {
  const listeners = new Map<Topic, Set<() => void>>(topics.map((topic) => [topic, new Set()]))
  const watchers = new Set<(workspaceId: number, profileIds: readonly string[]) => void>()
  const counters = new Set<(counted: Counted) => void>()
  return {
    send(topic) {
      for (const listener of listeners.get(topic) ?? []) listener()
    },
    on(topic, listener) {
      listeners.get(topic)?.add(listener)
      return () => listeners.get(topic)?.delete(listener)
    },
    profileChanged(workspaceId, profileIds) {
      for (const watcher of watchers) watcher(workspaceId, profileIds)
    },
    onProfileChanged(listener) {
      watchers.add(listener)
      return () => watchers.delete(listener)
    },
    count(counted) {
      for (const counter of counters) counter(counted)
    },
    onCount(listener) {
      counters.add(listener)
      return () => counters.delete(listener)
    },
  }
}
