import type { Accessed, Accessor } from '../signal.ts'
import type { Reader } from './reader.ts'

/** Counts what a reader was shown, for the records of processing. */
export function noteShown(
  { board, principal: { workspaceId, id, purposes } }: Reader,
  what: readonly Accessed[],
  kind: Accessor['kind'] = 'read',
): void {
  if (what.length === 0) return
  const actor = `principal:${id}`
  board.signals.accessed({ workspaceId, actor, kind, purpose: purposes.join(' ') }, what)
}
