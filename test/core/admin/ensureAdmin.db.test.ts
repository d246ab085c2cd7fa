import { expect, test } from 'vitest'
import { ensureAdmin } from '../../../core/admin/ensureAdmin.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { openReading } from '../../support/reading.ts'

const key = 'sba_a-key-from-the-environment'

test('lets the configured key in as admin, once, and keeps only its hash', async () => {
  await using reading = await openReading(shippedPolicy().document)
  const { board, door, workspaceId, sql } = reading
  expect(await door.admit(key)).toBeUndefined()
  reading.advance(1000)
  const first = await ensureAdmin(board, workspaceId, key)
  expect(await ensureAdmin(board, workspaceId, key)).toMatchObject({ id: first.id })
  expect((await door.admit(key))?.principal).toMatchObject({ id: first.id, role: 'admin' })
  expect(JSON.stringify(await sql`select * from principal`)).not.toContain(key)
  expect(await sql`select actor, action from audit_inbox`).toMatchObject([
    { actor: 'system', action: 'principal.create' },
  ])
})

test('does not bring a revoked admin key back', async () => {
  await using reading = await openReading(shippedPolicy().document)
  const { board, door, workspaceId, sql } = reading
  await ensureAdmin(board, workspaceId, key)
  await sql`update principal set revoked_at = now()`
  await expect(ensureAdmin(board, workspaceId, key)).rejects.toMatchObject({
    code: 'admin_revoked',
  })
  expect(await door.admit(key)).toBeUndefined()
})
