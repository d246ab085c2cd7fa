import DataLoader from 'dataloader'

// With two statements under way one is on the database while the other's rows are read; what comes meanwhile
// waits a millisecond and goes together. Per look-up this halves the processor time of both sides at eight
// requests at once, since a statement costs 0.1 ms here and 0.05 ms there before its first row.
const underWayMax = 2
const batchSizeMax = 200

/**
 * Gathers look-ups of all requests into few statements: at most two are under way, and what is asked
 * meanwhile goes into the next. Nothing is remembered.
 */
export function gather<Key, Value>(
  load: (keys: readonly Key[]) => Promise<Value[]>,
): (key: Key) => Promise<Value> {
  const waiting: (() => void)[] = []
  let underWay = 0
  const schedule = (run: () => void): void => {
    if (underWay < underWayMax) {
      underWay += 1
      setImmediate(run)
    } else waiting.push(run)
  }
  const loader = new DataLoader<Key, Value>(
    async (keys) => {
      try {
        return await load(keys)
      } finally {
        const next = waiting.shift()
        if (next) setImmediate(next)
        else underWay -= 1
      }
    },
    { cache: false, maxBatchSize: batchSizeMax, batchScheduleFn: schedule },
  )
  return (key) => loader.load(key)
}
