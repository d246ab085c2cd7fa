/** What something usually takes, followed from one time to the next, and what is far beyond that. Pure. */

export interface Usual {
  /** About the median: half of the times took longer. */
  ms: number
  times: number
}

/** Before so many times nothing is usual. */
const timesMin = 20
const factorMax = 3
/** Below this a pause of the machine is the most of it. */
const msMin = 20
const [firstStep, step] = [0.3, 0.05]

/** Each time moves the estimate by a small step towards it: no list of times, and one of them counts no more than another. */
export function learnUsual(usual: Usual | undefined, ms: number): Usual {
  if (usual === undefined) return { ms, times: 1 }
  const size = usual.times < timesMin ? firstStep : step
  const moved = usual.ms * (ms > usual.ms ? 1 + size : 1 - size)
  return { ms: moved, times: usual.times + 1 }
}

/** Whether it took over three times what is usual. */
export const isFarBeyond = (usual: Usual | undefined, ms: number): boolean =>
  usual !== undefined && usual.times >= timesMin && ms > msMin && ms > usual.ms * factorMax
