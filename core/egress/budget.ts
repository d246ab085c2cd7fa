import { deny } from './deny.ts'

export interface BudgetLimits {
  callsPerMinute: number
  bytesPerMinute: number
  /** Requests of one plugin under way at once; others wait their turn. */
  flyingMax: number
}

export const budgetDefaults: BudgetLimits = {
  callsPerMinute: 600,
  bytesPerMinute: 10_485_760,
  flyingMax: 16,
}

const minuteMs = 60_000

interface Account {
  calls: number
  bytes: number
  at: number
  flying: number
  waiting: (() => void)[]
}

/** What each plugin may send, in a bucket that fills up over a minute; a plugin's is nobody else's. */
export class Budget {
  readonly #limits: BudgetLimits
  readonly #accounts = new Map<string, Account>()

  constructor(limits: BudgetLimits) {
    this.#limits = limits
  }

  /** @throws CallDenied rate_limited */
  take(plugin: string, bytes: number, now: number): void {
    const account = this.#accountOf(plugin, now)
    const { callsPerMinute, bytesPerMinute } = this.#limits
    const share = Math.max(0, now - account.at) / minuteMs
    account.calls = Math.min(callsPerMinute, account.calls + share * callsPerMinute)
    account.bytes = Math.min(bytesPerMinute, account.bytes + share * bytesPerMinute)
    account.at = now
    if (account.calls < 1) {
      throw deny('rate_limited', { reason: `${callsPerMinute} requests a minute are the limit` })
    }
    if (account.bytes < bytes) {
      throw deny('rate_limited', { reason: `${bytesPerMinute} bytes a minute are the limit` })
    }
    account.calls -= 1
    account.bytes -= bytes
  }

  /** Runs the work once the plugin has a place for it. */
  async fly<T>(plugin: string, now: number, work: () => Promise<T>): Promise<T> {
    const account = this.#accountOf(plugin, now)
    if (account.flying >= this.#limits.flyingMax) {
      const { promise, resolve } = Promise.withResolvers<void>()
      account.waiting.push(resolve)
      await promise
    } else account.flying += 1
    try {
      return await work()
    } finally {
      // Who waits takes this place over.
      const next = account.waiting.shift()
      if (next) next()
      else account.flying -= 1
    }
  }

  #accountOf(plugin: string, now: number): Account {
    const known = this.#accounts.get(plugin)
    if (known) return known
    const { callsPerMinute, bytesPerMinute } = this.#limits
    const account = {
      calls: callsPerMinute,
      bytes: bytesPerMinute,
      at: now,
      flying: 0,
      waiting: [],
    }
    this.#accounts.set(plugin, account)
    return account
  }
}
