import { Bucket } from './bucket.ts'

export interface ShareLimits {
  /** Part of one core that a plugin may use on average; default 0.2. */
  cpuShare?: number
  /** Processor time that it may use at once before that counts; default 2000 ms. */
  cpuBurstMs?: number
}

/** The longest that a degraded plugin waits for its turn, whatever it has used. */
const waitMsMax = 5000

interface Waiting {
  key: string
  resolve: () => void
  timer: NodeJS.Timeout
}

/**
 * Fair shares of the processor. A plugin that used more than its share is degraded: its batches wait behind
 * those of others, until none of these runs or what it used is made up for. They are never refused.
 */
export class Shares {
  readonly #limits: Required<ShareLimits>
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()
  readonly #waiting: Waiting[] = []
  /** Batches of plugins within their share that are under way. */
  #healthy = 0
  /** One at a time: together they would again take what others are to have. */
  #isDegradedRunning = false

  constructor({ cpuShare = 0.2, cpuBurstMs = 2000 }: ShareLimits, now: () => number) {
    this.#limits = { cpuShare, cpuBurstMs }
    this.#now = now
  }

  isDegraded(key: string): boolean {
    return (this.#buckets.get(key)?.left(this.#now()) ?? 0) < 0
  }

  /** Runs a batch when it is its turn, and accounts for what it took. */
  async run<T extends { cpuUs: number }>(key: string, work: () => Promise<T>): Promise<T> {
    const isDegraded = this.isDegraded(key)
    if (isDegraded) await this.#turn(key)
    else this.#healthy += 1
    try {
      const result = await work()
      this.#bucketOf(key).spend(result.cpuUs / 1000, this.#now())
      return result
    } finally {
      if (isDegraded) this.#isDegradedRunning = false
      else this.#healthy -= 1
      this.#next()
    }
  }

  /** Forgets a plugin; what still waits of it goes at once. */
  forget(key: string): void {
    this.#buckets.delete(key)
    for (const waiting of this.#waiting.filter((each) => each.key === key)) this.#admit(waiting)
  }

  #bucketOf(key: string): Bucket {
    const { cpuShare, cpuBurstMs } = this.#limits
    const known = this.#buckets.get(key)
    if (known !== undefined) return known
    const limits = { burst: cpuBurstMs, perMs: cpuShare, debtMax: waitMsMax * cpuShare }
    const bucket = new Bucket(limits, this.#now())
    this.#buckets.set(key, bucket)
    return bucket
  }

  #turn(key: string): Promise<void> {
    return new Promise((resolve) => {
      const debt = -(this.#buckets.get(key)?.left(this.#now()) ?? 0)
      const waiting: Waiting = {
        key,
        resolve,
        timer: setTimeout(() => this.#admit(waiting), debt / this.#limits.cpuShare),
      }
      this.#waiting.push(waiting)
      this.#next()
    })
  }

  #next(): void {
    const [first] = this.#waiting
    if (first !== undefined && this.#healthy === 0 && !this.#isDegradedRunning) this.#admit(first)
  }

  #admit(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting)
    if (at < 0) return
    clearTimeout(waiting.timer)
    this.#waiting.splice(at, 1)
    this.#isDegradedRunning = true
    waiting.resolve()
  }
}
