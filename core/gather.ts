import DataLoader from 'dataloader'

// Of look-ups: with two statements under way one is on the database while the other's rows are read; what comes meanwhile
// waits a millisecond and goes together. Per look-up this halves the processor time of both sides at eight
// requests at once, since a statement costs 0.1 ms here and 0.05 ms there before its first row.
const lookUps: GatherOptions = { underWayMax: 2, batchMax: 200 }

export interface GatherOptions {
  underWayMax: number
  batchMax: number
  /** How long what came meanwhile waits for more of its kind before it goes; at once by default. */
  restMs?: number
}

/**
 * Gathers what many ask for into few statements or commits: at most `underWayMax` at once, and what is asked
 * meanwhile goes into the next. Nothing is remembered. What `load` throws is thrown to all of its batch; an
 * `Error` among the values to the one that it stands for.
 */
export function gather<Key, Value>(
  load: (keys: readonly Key[]) => Promise<(Value | Error)[]>,
  { underWayMax, batchMax, restMs = 0 }: GatherOptions = lookUps,
): (key: Key) => Promise<Value> {
  const waiting: (() => void)[] = []
  let underWay = 0
  const schedule = (run: () => void): void => {
    if (underWay < underWayMax) {
      underWay += 1
      setImmediate(run)
    } else waiting.push(run)
  }
  const goOn = (): void => {
    const next = waiting.shift()
    if (next) setImmediate(next)
    else underWay -= 1
  }
  const loader = new DataLoader<Key, Value>(
    async (keys) => {
      try {
        return await load(keys)
      } finally {
        if (restMs === 0) goOn()
        else setTimeout(goOn, restMs)
      }
    },
    { cache: false, maxBatchSize: batchMax, batchScheduleFn: schedule },
  )
  return (key) => loader.load(key)
}
