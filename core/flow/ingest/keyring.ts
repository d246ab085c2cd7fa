import { LRUCache } from 'lru-cache'
import { seal, type Vault } from '../../vault.ts'

// 20,000 keys of 32 bytes: the profiles that are busy at one time, in about 4 MB with the map's own cost.
const keysMax = 20_000
/** So long at most a node that missed an erasure still has the key of the erased in its memory. */
const keyAgeMs = 10 * 60_000

/** Data keys of the profiles of one workspace that a batch seals for; remembers opened ones between batches. */
export class Keyring {
  readonly #vault: Vault
  readonly #opened = new LRUCache<string, Buffer>({
    max: keysMax,
    ttl: keyAgeMs,
    // How often it looks at the clock.
    ttlResolution: 1000,
  })

  constructor(vault: Vault) {
    this.#vault = vault
  }

  /** Forgets every opened key: which ones are of a person who was erased, their wrapped forms do not tell. */
  forget(): void {
    this.#opened.clear()
  }

  /** A view for one batch. */
  batch(workspaceId: number): BatchKeys {
    return new BatchKeys(this.#vault, this.#opened, workspaceId)
  }
}

export class BatchKeys {
  readonly #vault: Vault
  readonly #opened: LRUCache<string, Buffer>
  readonly #workspaceId: number
  readonly #stored = new Map<string, Buffer>()
  readonly #made = new Map<string, { key: Buffer; wrapped: Buffer }>()

  constructor(vault: Vault, opened: LRUCache<string, Buffer>, workspaceId: number) {
    this.#vault = vault
    this.#opened = opened
    this.#workspaceId = workspaceId
  }

  /** Tells of a key that the blackboard holds. */
  know(profileId: string, wrapped: Buffer | null): void {
    if (wrapped) this.#stored.set(profileId, wrapped)
  }

  /** Whether the blackboard holds a key of the profile. */
  knows(profileId: string): boolean {
    return this.#stored.has(profileId)
  }

  /** The profile's key; made when the blackboard holds none. */
  of(profileId: string): Buffer {
    const made = this.#made.get(profileId)
    if (made) return made.key
    const wrapped = this.#stored.get(profileId)
    if (!wrapped) {
      const fresh = this.#vault.createKey(this.#workspaceId, profileId)
      this.#made.set(profileId, fresh)
      return fresh.key
    }
    const cacheKey = `${this.#workspaceId} ${wrapped.toString('base64')}`
    const opened = this.#opened.get(cacheKey)
    if (opened) return opened
    const key = this.#vault.unwrap(this.#workspaceId, profileId, wrapped)
    this.#opened.set(cacheKey, key)
    return key
  }

  /** Seals a text for a place on a profile; base64, as the statements take it. */
  seal(profileId: string, field: string, text: string): string {
    const place = { workspaceId: this.#workspaceId, profileId, field }
    return seal(this.of(profileId), place, text).toString('base64')
  }

  /** The keys that were made and have to be stored. */
  get made(): { profileId: string; wrapped: string }[] {
    return [...this.#made].map(([profileId, { wrapped }]) => ({
      profileId,
      wrapped: wrapped.toString('base64'),
    }))
  }
}
