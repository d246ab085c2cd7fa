/**
 * The audit chain. Each entry's hash covers its own content and the hash before it, so that taking one out,
 * changing one or putting one in breaks every hash after it.
 */
import { hash as digest } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { AuditRow } from '../../blackboard/query/readAudit.ts'
import type { InboxRow } from '../../blackboard/query/takeInbox.ts'
import type { Json } from '../model/json.ts'

/** What was done, before it has its place. */
export type Act = Omit<InboxRow, 'workspaceId'>

/** An entry on the chain: `seq` from 1 without gaps, `payload` canonical JSON as text. */
export type Entry = AuditRow

/** What the first entry of a workspace follows. */
export const genesis = '0'.repeat(64)

/** Links acts, oldest first, onto what stands. */
export function chain(
  acts: readonly Act[],
  head: { seq: number; hash: string } | undefined,
): Entry[] {
  let seq = head?.seq ?? 0
  let previousHash = head?.hash ?? genesis
  return acts
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((act) => {
      seq += 1
      const payload = canonical(act.payload)
      const { id, at, actor, action, object } = act
      const payloadHash = digest('sha256', payload, 'hex')
      const content = { seq, id, at, actor, action, object, payload, payloadHash, previousHash }
      const linked: Entry = { ...content, hash: hashOf(content) }
      previousHash = linked.hash
      return linked
    })
}

/** SHA-256 over the canonical form of everything but the payload, which its own hash stands for. */
const hashOf = (entry: Omit<Entry, 'hash'>): string =>
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

/** The one form of a JSON value that hashes and signatures are made of: RFC 8785. */
export const canonical = (value: Json): string => canonicalize(value) ?? 'null'

export type Verification =
  | { ok: true; entries: number; head: string }
  | { ok: false; entries: number; seq: number; problem: string }

/** Checks entries against the chain; `state` carries over from one page to the next. */
export function verifyEntries(
  entries: readonly Entry[],
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

function problemOf(entry: Entry, seq: number, hash: string): string | undefined {
  if (entry.seq !== seq + 1) return `entry ${seq + 1} is missing`
  if (entry.previousHash !== hash) return 'it does not follow the entry before it'
  return problemWithin(entry)
}

/** What is wrong with an entry in itself, whatever stands around it. */
export function problemWithin(entry: Entry): string | undefined {
  if (entry.payloadHash !== digest('sha256', entry.payload, 'hex')) return 'its payload was changed'
  return entry.hash === hashOf(entry) ? undefined : 'it was changed'
}
