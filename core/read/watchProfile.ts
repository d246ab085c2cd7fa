import { fail } from '../errors.ts'
import { findProfile } from './findProfile.ts'
import type { ProfileKey } from './findProfile.ts'
import { behind } from './profile.ts'
import type { Profile } from './profile.ts'
import type { Reader } from './reader.ts'

interface WatchOptions {
  /** Ends the watch when the client goes away. */
  signal: AbortSignal
  /** The caller under today's policy; undefined once its key was revoked, which ends the watch. */
  renew(): Promise<Reader | undefined>
}

/**
 * The profile anew after each change, read through the policy in force by then. Changes that come while
 * one is being read become one. Ends without an error when the caller's key is revoked.
 * @throws unknown_subject when there is no such profile that the reader may see
 */
export async function watchProfile(
  reader: Reader,
  key: ProfileKey,
  { signal, renew }: WatchOptions,
): Promise<AsyncIterableIterator<Profile>> {
  const first = await findProfile(reader, key)
  if (!first) {
    throw fail('unknown_subject', { namespace: 'by' in key ? key.by.namespace : 'id' })
  }
  const wake = new Wake()
  let members: ReadonlySet<string> = new Set(first[behind].members)
  const stop = reader.board.signals.onProfileChanged((workspaceId, profileIds) => {
    if (workspaceId !== reader.principal.workspaceId) return
    if (profileIds.some((id) => members.has(id))) wake.ring()
  })
  const end = (): void => {
    stop()
    wake.close()
  }
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()

  const next = async (): Promise<IteratorResult<Profile>> => {
    while (await wake.rung()) {
      const current = await renew()
      if (!current) break
      const profile = await findProfile(current, key)
      if (!profile) continue
      members = new Set(profile[behind].members)
      return { done: false, value: profile }
    }
    end()
    return { done: true, value: undefined }
  }
  // Written out rather than a generator: a generator's return waits for the change that never comes.
  const watch: AsyncIterableIterator<Profile> = {
    next,
    return: () => {
      end()
      return Promise.resolve({ done: true, value: undefined })
    },
    [Symbol.asyncIterator]: () => watch,
  }
  return watch
}

/** A bell that remembers one ring. */
class Wake {
  #isRung = false
  #isClosed = false
  #waiting: (() => void) | undefined

  ring(): void {
    this.#isRung = true
    this.#waiting?.()
  }

  close(): void {
    this.#isClosed = true
    this.#waiting?.()
  }

  /** False once closed. */
  async rung(): Promise<boolean> {
    if (!this.#isRung && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    }
    this.#waiting = undefined
    this.#isRung = false
    return !this.#isClosed
  }
}
