import { randomBytes } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { askConfirmation } from '../../blackboard/query/askConfirmation.ts'
import { hashKey } from '../admin/key.ts'
import type { Board } from '../board.ts'
import type { Consent } from '../model/consent.ts'

const confirmMs = 7 * 24 * 3_600_000

/** When a question that is asked now is no longer answered. */
export const confirmBy = (now: Date): Date => new Date(now.getTime() + confirmMs)

/**
 * Writes a grant down that does not count yet, and makes the token with which the person confirms it: 256 random
 * bits, of which the hash is kept. What stood before stands, be it a grant or a refusal.
 */
export async function askToConfirm(
  tx: TransactionSql,
  { clock }: Board,
  { workspaceId, actor }: { workspaceId: number; actor: string },
  word: Consent & { profileId: string },
) {
  const now = clock.now()
  const at = now.toISOString()
  const token = `ct_${randomBytes(32).toString('base64url')}`
  const expiresAt = confirmBy(now)
  const { id, profileId, purpose, channel, basis } = word
  const asked = { ...word, actor, tokenHash: hashKey(token), confirmBy: expiresAt, nth: 0 }
  await askConfirmation(tx, { workspaceId, words: JSON.stringify([asked]), receivedAt: at })
  const payload = { consent: id, purpose, channel, basis }
  const audited = { at, actor, id: clock.id(), action: 'consent.pending', payload }
  const entries = JSON.stringify([{ ...audited, object: `profile:${profileId}` }])
  await appendAudit(tx, { workspaceId, entries })
  return { ...word, recalled: 0, confirmation: { token, expiresAt } }
}
