import type { Ended } from './commit.ts'

/** Whether it may cost its reaction an attempt; for most batches nobody is asked which versions run. */
export const mayFail = ({ ending }: Ended): boolean =>
  ending.kind === 'again' ? !ending.free : ending.kind === 'done' && ending.full !== undefined

/** What a version failed that does not run any more is for the next one, as if it had not been tried. */
export function forNext(item: Ended): Ended {
  const { ending } = item
  const again = { dueAt: null, parked: null, free: true } as const
  if (ending.kind === 'again')
    return ending.free ? item : { ...item, ending: { ...ending, ...again } }
  if (ending.kind !== 'done' || !ending.full) return item
  return { ...item, ending: { ...ending, full: { ...ending.full, ...again } } }
}
