/**
 * What a restored backup brings back is erased again. A backup knows nothing of the erasures after it, so these are
 * exported and kept beside it: signed receipts, and blind indexes that mean nothing without the master key.
 */
import { createPublicKey } from 'node:crypto'
import { z } from 'zod'
import { findRisen } from '../../blackboard/query/findRisen.ts'
import { listTombstones } from '../../blackboard/query/listTombstones.ts'
import { restoreRetentions } from '../../blackboard/query/restoreRetentions.ts'
import { restoreTombstones } from '../../blackboard/query/restoreTombstones.ts'
import { canonical } from '../audit/chain.ts'
import { jsonOf } from '../audit/line.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { auditUse } from '../flow/checkpoint.ts'
import { keepReasons } from '../model/subjectRequest.ts'
import { eraseSubject } from './erase.ts'
import { digestOfReceipt, isReceiptSignedBy, receiptSchema } from './receipt.ts'

const pageMax = 500

/** One erasure, a line of the export. */
const lineSchema = z.strictObject({
  members: z.array(z.string().max(40)).min(1),
  receipt: receiptSchema,
  tombstones: z.array(
    z.strictObject({
      namespace: z.string().max(60),
      // A blind index, which has the form of a uuid and none of its meaning.
      hash: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      openedAt: z.iso.datetime({ offset: true }).nullable(),
      openedBy: z.string().max(200).nullable(),
    }),
  ),
  /** Exports of before anything could be kept have none. */
  retentions: z
    .array(
      z.strictObject({
        id: z.string().max(40),
        profileId: z.string().max(40),
        receiptId: z.string().max(40),
        requestId: z.string().max(40).nullable(),
        part: z.string().max(140),
        reason: z.enum(keepReasons),
        keptAt: z.iso.datetime({ offset: true }),
        endedAt: z.iso.datetime({ offset: true }).nullable(),
        endedBy: z.string().max(200).nullable(),
      }),
    )
    .default([]),
})

/** A page of the erasures of a workspace, oldest first, one JSON object a line; empty at the end. */
export async function exportTombstones(
  { db }: Pick<Board, 'db'>,
  workspaceId: number,
  after: string,
): Promise<string[]> {
  const rows = await listTombstones(db.sql, { workspaceId, after, limit: pageMax })
  return rows.map(({ members, receipt, tombstones, retentions }) =>
    JSON.stringify({
      members,
      tombstones,
      retentions,
      receipt: receiptSchema.parse(JSON.parse(receipt)),
    }),
  )
}

/**
 * Puts exported erasures back that the database does not know, and erases whoever they name again.
 *
 * @throws bad_input for a line that is none of an export, or that this installation did not sign
 */
export async function replayTombstones(
  board: Board,
  workspaceId: number,
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<{ restored: number; erased: number }> {
  let restored = 0
  let number = 0
  const key = createPublicKey(board.vault.signingKey(auditUse))
  for await (const text of lines) {
    number += 1
    if (text.trim() === '') continue
    const { members, receipt, tombstones, retentions } = readLine(text, number)
    if (receipt.workspace !== workspaceId || !isReceiptSignedBy(receipt, key)) {
      throw fail('bad_input', { path: `line ${number}`, reason: 'its receipt was not signed here' })
    }
    const [row] = await restoreTombstones(board.db.sql, {
      workspaceId,
      members,
      id: receipt.id,
      profileId: receipt.subject.profile,
      requestId: receipt.requestId,
      receipt: canonical(receipt),
      digest: digestOfReceipt(receipt),
      at: receipt.at,
      tombstones: JSON.stringify(tombstones),
    })
    if (retentions.length > 0) {
      const rows = JSON.stringify(retentions)
      await restoreRetentions(board.db.sql, { workspaceId, retentions: rows })
    }
    restored += row?.tombstones ?? 0
  }
  return { restored, erased: await eraseRisen(board, workspaceId) }
}

/** Erases again whatever stands of persons who were erased. Returns how many persons there were. */
export async function eraseRisen(board: Board, workspaceId: number): Promise<number> {
  const risen = await findRisen(board.db.sql, { workspaceId })
  const again = { requestId: null, reason: 'restored_from_backup', actor: 'system' } as const
  for (const { profileId } of risen) await eraseSubject(board, workspaceId, { profileId, ...again })
  return risen.length
}

function readLine(text: string, number: number): z.output<typeof lineSchema> {
  const parsed = lineSchema.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw fail('bad_input', {
    path: `line ${number}`,
    reason: 'it is no line of exported tombstones',
  })
}
