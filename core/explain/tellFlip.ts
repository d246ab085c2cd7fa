import type { Flip } from './flip.ts'
import { fill } from './sentence.ts'
import type { Audience, Params } from './sentence.ts'
import type { Actor } from './change.ts'
import { changeWords, flipWords } from './words/change.ts'

export interface ToldChange {
  readonly code: string
  readonly params: Params
  readonly by: Actor
  readonly text: string
}

export interface ToldFlip {
  readonly to: 'allow' | 'refuse'
  /** Each set is enough by itself; the most plausible first. */
  readonly sets: readonly (readonly ToldChange[])[]
  readonly without: string | null
  readonly text: string
}

/** What would turn a decision round, in words. */
export function tellFlip({ to, sets, without }: Flip, audience: Audience): ToldFlip {
  const told = sets.map((set) =>
    set.map(({ code, params, by }) => ({
      code,
      params: audience === 'subject' ? {} : params,
      by,
      text: fill(changeWords[code][audience], params),
    })),
  )
  const [first] = told
  const count = String(first?.length ?? 0)
  const opening = fill(flipWords[to][headOf(first, without)][audience], {
    count,
    reason: without ?? '',
  })
  const text = [opening, ...(first ?? []).map((change) => change.text)].join(' ')
  return { to, sets: told, without, text }
}

function headOf(first: readonly ToldChange[] | undefined, without: string | null) {
  if (first !== undefined) return first.length === 1 ? 'one' : 'several'
  return without === 'too_many' ? 'many' : 'none'
}
