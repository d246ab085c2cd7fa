import type { Confined, RunEnd } from './confined.ts'

export interface CellBatch {
  agent: string
  /** JSON array of inputs; never parsed outside the isolate. */
  body: string
  count: number
  timeoutMs: number
}

/** Results of some consecutive items; `json` is what the guest said, or what happened to it. */
export interface Part {
  count: number
  json: string
}

/** A run of several items gets at least this long before it is cut up: fewer, longer runs are cheaper. */
const runMs = 250
/** Items of one batch that may hang or exhaust memory before the rest is given back untouched. */
const strikesMax = 3

/** The longest that the cell keeps silent while a batch runs. */
export const silenceMs = (timeoutMs: number): number => Math.max(timeoutMs, runMs)

/**
 * Runs a batch as few runs of many items. A run that is cut short hands over what it finished; the item
 * it stopped at is then run alone, and only if that fails too is it blamed. So one bad item costs the
 * others nothing but time.
 */
export async function runBatch(
  plugin: Confined,
  batch: CellBatch,
  onPart: (part: Part) => void,
): Promise<void> {
  const { agent, body, count, timeoutMs } = batch
  let at = 0
  let strikes = 0
  let alone = false
  // What finished before memory ran out is lost with the isolate, so from then on items go one by one.
  let frail = false
  const emit = (from: number, finished: number, json: string): number => {
    onPart({ count: finished, json })
    return from + finished
  }
  while (at < count) {
    if (strikes >= strikesMax) {
      at = emit(at, count - at, stopped('plugin_not_run', count - at))
      continue
    }
    const from = at
    const to: number = alone || frail ? from + 1 : count
    const run = await plugin.run(agent, body, from, to, runLimit(timeoutMs, to - from))
    if (run.end === 'memory') {
      frail = true
    } else if (!plausible(run, to - from)) {
      strikes += 1
      at = emit(at, 1, bent)
      continue
    } else if (run.finished > 0) {
      at = emit(at, run.finished, run.json)
    }
    const waits = run.end === 'answered' && run.open
    const blocked = run.end !== 'answered' || waits
    alone = blocked && at < to && to - from > 1 && !waits
    if (blocked && at < to && !alone) {
      strikes += 1
      at = emit(at, 1, stopped(run.end === 'memory' ? 'plugin_out_of_memory' : 'plugin_timeout', 1))
    }
  }
}

const runLimit = (timeoutMs: number, items: number): number =>
  items === 1 ? timeoutMs : Math.min(silenceMs(timeoutMs), timeoutMs * items)

/** Above what `limits` in isolate.ts lets a guest say, below what the host accepts in a frame. */
const answerCharsMax = 327_680

/**
 * False when the plugin bent the guest's bookkeeping: it claims impossible counts, says too much, or
 * answered without having come any further, with which this loop would never end.
 */
function plausible(run: Exclude<RunEnd, { end: 'memory' }>, asked: number): boolean {
  const { finished, json } = run
  const still = run.end === 'answered' && finished === 0 && !run.open
  const possible = Number.isInteger(finished) && finished >= 0 && finished <= asked
  return possible && !still && json.length <= answerCharsMax
}

const bent = '{"outcomes":[{"unusable":"the plugin bent the sandbox around it"}],"logs":[]}'

const stopped = (code: string, count: number): string =>
  `{"outcomes":[${Array.from({ length: count }, () => `{"stopped":"${code}"}`).join(',')}],"logs":[]}`
