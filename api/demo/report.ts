import type { Outcome } from './demo.ts'

/** What the HTTP API answered. */
export interface Sent {
  accepted: number
  duplicates: number
  /** By code. */
  rejected: Map<string, number>
  consents: number
}

const width = 13

/** The outcome as a table for people. Counts are of this run, not of what was there before it. */
export function reportLines({ sent, before, after, pending }: Outcome): string[] {
  const codes = [...sent.rejected].map(([code, count]) => `${count} ${code}`)
  const refused = [...sent.rejected.values()].reduce((sum, count) => sum + count, 0)
  const merged = after.merged - before.merged
  return [
    '',
    row('events', `${sent.accepted} accepted, ${sent.duplicates} duplicate, ${refused} rejected`),
    ...(refused > 0 ? [row('', codes.join(', '))] : []),
    row('profiles', `${after.profiles - before.profiles}, and ${merged} more merged into them`),
    row('consents', `${sent.consents} recorded`),
    ...column('reactions', reactionsOf(before, after)),
    ...column('activations', activationsOf(before, after)),
    ...(pending > 0 ? [row('pending', `${pending}, the server is still busy`)] : []),
    '',
  ]
}

const row = (head: string, cell: string): string => `  ${head.padEnd(width)}${cell}`

const column = (head: string, cells: readonly string[]): string[] =>
  cells.length === 0
    ? [row(head, 'none')]
    : cells.map((cell, at) => row(at === 0 ? head : '', cell))

const number = (count: number): string => String(count).padStart(5)

function reactionsOf(before: Outcome['before'], after: Outcome['after']): string[] {
  const known = new Map(before.reactions.map(({ agent, count }) => [agent, count]))
  return after.reactions
    .map(({ agent, count }) => ({ agent, count: count - (known.get(agent) ?? 0) }))
    .filter(({ count }) => count > 0)
    .map(({ agent, count }) => `${number(count)}  ${agent}`)
}

/** First all that were proposed, then what became of them. */
function activationsOf(before: Outcome['before'], after: Outcome['after']): string[] {
  const keyOf = ({ state, reason }: { state: string; reason: string | null }) =>
    `${state} ${reason}`
  const known = new Map(before.activations.map((each) => [keyOf(each), each.count]))
  const changed = after.activations
    .map((each) => ({ ...each, count: each.count - (known.get(keyOf(each)) ?? 0) }))
    .filter(({ count }) => count > 0)
    .toSorted((left, right) => places.indexOf(left.state) - places.indexOf(right.state))
  if (changed.length === 0) return []
  const all = changed.reduce((sum, { count }) => sum + count, 0)
  return [
    `${number(all)}  proposed, of which`,
    ...changed.map(({ state, reason, count }) =>
      `${number(count)}  ${state.toLowerCase().padEnd(9)} ${reason ?? ''}`.trimEnd(),
    ),
  ]
}

const places: readonly string[] = ['SENT', 'HELD', 'REFUSED', 'RECALLED', 'FAILED']
