import { LRUCache } from 'lru-cache'
import type { Clock } from './clock.ts'

export interface Fresh<K, V> {
  get(key: K): Promise<V>
  forget(): void
}

/**
 * Remembers answers for a short while; concurrent questions for one key share one load. A failed load is
 * not remembered.
 */
export function remember<K extends string | number, V extends object>(
  clock: Clock,
  { maxAgeMs, max }: { maxAgeMs: number; max: number },
  load: (key: K) => Promise<V>,
): Fresh<K, V> {
  const entries = new LRUCache<K, { readAt: number; answer: Promise<V> }>({ max })
  return {
    get(key) {
      const now = clock.now().getTime()
      const entry = entries.get(key)
      if (entry && now - entry.readAt < maxAgeMs) return entry.answer
      const answer = load(key)
      entries.set(key, { readAt: now, answer })
      answer.catch(() => {
        if (entries.peek(key)?.answer === answer) entries.delete(key)
      })
      return answer
    },
    forget: () => entries.clear(),
  }
}
