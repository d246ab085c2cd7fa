/**
 * The audit chain. Each entry's hash covers its own content and the hash before it, so that taking one out,
 * changing one or putting one in breaks every hash after it.
 */
import { hash as digest } from 'node:crypto'
import { findChainHead } from '../../blackboard/query/findChainHead.ts'
import { insertAudit } from '../../blackboard/query/insertAudit.ts'
import { listInbox } from '../../blackboard/query/listInbox.ts'
import { lockChain } from '../../blackboard/query/lockChain.ts'
import { readAudit, type AuditRow } from '../../blackboard/query/readAudit.ts'
import { takeInbox, type InboxRow } from '../../blackboard/query/takeInbox.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { isObject, type Json } from '../model/json.ts'

const chainBatchMax = 500
/** What the first entry of a workspace follows. */
export const genesis = '0'.repeat(64)

/** Moves entries from the inbox onto the chain. Returns how many; 0 when none waits or another node chains. */
export async function chainAudit(board: Board): Promise<number> {
  const workspaces = await listInbox(board.db.sql, {})
  let count = 0
  for (const { workspaceId } of workspaces) {
    count += await transact(board.db, async (tx) => {
      const [lock] = await lockChain(tx, { workspaceId })
      if (!lock?.taken) return 0
      const [[head], rows] = await Promise.all([
        findChainHead(tx, { workspaceId }),
        takeInbox(tx, { workspaceId, limit: chainBatchMax }),
      ])
      if (rows.length === 0) return 0
      await insertAudit(tx, { workspaceId, entries: JSON.stringify(chain(rows, head)) })
      return rows.length
    })
  }
  return count
}

/** Links entries, oldest first, onto what stands. */
export function chain(
  rows: readonly InboxRow[],
  head: { seq: number; hash: string } | undefined,
): AuditRow[] {
  let seq = head?.seq ?? 0
  let previousHash = head?.hash ?? genesis
  return rows
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((row) => {
      seq += 1
      const payload = canonical(row.payload)
      const { id, at, actor, action, object } = row
      const payloadHash = digest('sha256', payload, 'hex')
      const content = { seq, id, at, actor, action, object, payload, payloadHash, previousHash }
      const linked: AuditRow = { ...content, hash: hashOf(content) }
      previousHash = linked.hash
      return linked
    })
}

/** SHA-256 over the canonical form of everything but the payload, which its own hash stands for. */
const hashOf = (entry: Omit<AuditRow, 'hash'>): string =>
  digest(
    'sha256',
    canonical({
      seq: entry.seq,
      id: entry.id,
      at: entry.at.toISOString(),
      actor: entry.actor,
      action: entry.action,
      object: entry.object,
      payloadHash: entry.payloadHash,
      previousHash: entry.previousHash,
    }),
    'hex',
  )

/** JSON with sorted keys and no spaces (RFC 8785; JavaScript's own number and string forms are its forms). */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`)
  return `{${members.join(',')}}`
}

export type Verification =
  | { ok: true; entries: number; head: string }
  | { ok: false; entries: number; seq: number; problem: string }

/** Checks entries against the chain; `state` carries over from one page to the next. */
export function verifyEntries(
  entries: readonly AuditRow[],
  state: { seq: number; hash: string } = { seq: 0, hash: genesis },
): Verification {
  let { seq, hash } = state
  for (const entry of entries) {
    const problem = problemOf(entry, seq, hash)
    if (problem) return { ok: false, entries: seq, seq: entry.seq, problem }
    seq = entry.seq
    hash = entry.hash
  }
  return { ok: true, entries: seq, head: hash }
}

function problemOf(entry: AuditRow, seq: number, hash: string): string | undefined {
  if (entry.seq !== seq + 1) return `entry ${seq + 1} is missing`
  if (entry.previousHash !== hash) return 'it does not follow the entry before it'
  if (entry.payloadHash !== digest('sha256', entry.payload, 'hex')) return 'its payload was changed'
  return entry.hash === hashOf(entry) ? undefined : 'it was changed'
}

const pageMax = 1000

/** A head that was noted down before, outside the database. */
export interface KnownHead {
  entries: number
  head: string
}

/**
 * Verifies the whole chain of a workspace, page by page. A chain cannot tell by itself that its end was cut
 * off: give a head that was noted before, and it must still be on the chain.
 */
export async function verifyAudit(
  { db }: Board,
  workspaceId: number,
  known: KnownHead = { entries: 0, head: genesis },
  pageSize = pageMax,
): Promise<Verification> {
  let state = { seq: 0, hash: genesis }
  for (;;) {
    const page = await readAudit(db.sql, { workspaceId, after: state.seq, limit: pageSize })
    const result = verifyEntries(page, state)
    if (!result.ok) return result
    if (page.some(({ seq, hash }) => seq === known.entries && hash !== known.head)) {
      const problem = 'it is not the entry that was the head before'
      return { ok: false, entries: known.entries - 1, seq: known.entries, problem }
    }
    if (page.length < pageSize) return withoutCut(result, known)
    state = { seq: result.entries, hash: result.head }
  }
}

function withoutCut(result: Extract<Verification, { ok: true }>, known: KnownHead): Verification {
  if (result.entries >= known.entries) return result
  const seq = result.entries + 1
  return { ok: false, entries: result.entries, seq, problem: `entry ${seq} is missing` }
}
