import type { Ended, Ending } from './commit.ts'

/**
 * Whether it costs its reaction an attempt, or has it wait for something to become better; for most batches nobody is
 * asked which versions run.
 */
export const isHeldUp = ({ ending }: Pick<Ended, 'ending'>): boolean =>
  ending.kind === 'again'
    ? !ending.free || ending.error !== null
    : ending.kind === 'done' && ending.full !== undefined

/** What a version that does not run any more could not do is for the next one, at once and as if never tried. */
export function forNext(item: Ended): Ended {
  return isHeldUp(item) ? { ...item, ending: atOnce(item.ending) } : item
}

function atOnce(ending: Ending): Ending {
  const free = { dueAt: null, parked: null, free: true } as const
  if (ending.kind === 'again') return { ...ending, ...free }
  return ending.kind === 'done' && ending.full
    ? { ...ending, full: { ...ending.full, ...free } }
    : ending
}
