import { expect, test } from 'vitest'
import { auditUse, checkpointAudit } from '../../../core/flow/checkpoint.ts'
import { chainAudit } from '../../../core/flow/record.ts'
import { publicKeyText, readPublicKey } from '../../../core/audit/line.ts'
import { proveEntry, verifyLog } from '../../../core/audit/verify.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { listAudit, showAuditKey } from '../../../core/read/listAudit.ts'
import { showReceipt } from '../../../core/subject/rights.ts'
import { openOutward } from '../../support/outward.ts'
import { erase, lifeOf, planted } from './given.ts'

/** Ada's life with its audit log, chained and signed. */
async function openLog() {
  const out = await openOutward()
  const { app } = out
  await app.send(...lifeOf())
  await out.say(planted.userId, 'granted')
  await out.propose(planted.userId)
  await out.dispatch()
  const { key } = await app.principal('admin')
  const reader = await createDoorkeeper(app.board, app.policies).admit(key)
  if (!reader) throw new TypeError('the admin was not admitted')
  const sign = async (): Promise<void> => {
    await chainAudit(app.board)
    await checkpointAudit(app.board)
  }
  await sign()
  return {
    ...out,
    sign,
    reader,
    key: readPublicKey(publicKeyText(app.board.vault.signingKey(auditUse))),
    lines: async () => [showAuditKey(reader), ...(await listAudit(reader, 0))],
  }
}

test('what was signed before an erasure verifies after it, whole and entry by entry', async () => {
  await using log = await openLog()
  const before = await log.lines()
  const { signed } = await verifyLog(before, log.key)
  expect(signed).toBeGreaterThan(3)
  const proofs = await Promise.all(
    Array.from({ length: signed }, (_, at) => proveEntry(before, at + 1)),
  )
  await erase(log.app, await log.app.profileOf(planted.userId))
  await log.sign()
  const after = await log.lines()
  expect(await verifyLog(after, log.key)).toMatchObject({ valid: true, problem: null })
  expect(after.slice(0, before.length)).toEqual(before)
  for (const proven of proofs) {
    const text = [JSON.stringify({ proof: proven?.proof })]
    expect(await verifyLog(text, log.key)).toMatchObject({ valid: true, entries: 1 })
  }
  expect(Object.values(planted).filter((text) => after.join().includes(text))).toEqual([])
})

test('a receipt is verified offline, and against the log that names it', async () => {
  await using log = await openLog()
  const { app, reader } = log
  const { id } = await erase(app, await app.profileOf(planted.userId))
  await log.sign()
  const file = await showReceipt(reader, id)
  expect(await verifyLog(file, log.key)).toMatchObject({ valid: true, receipts: 1 })
  expect(await verifyLog([...(await log.lines()), ...file], log.key)).toMatchObject({
    valid: true,
    receipts: 1,
  })
})

test('a receipt that was changed, or that the log does not name, is not (refused)', async () => {
  await using log = await openLog()
  const { app, reader } = log
  const before = await log.lines()
  const { id } = await erase(app, await app.profileOf(planted.userId))
  const file = await showReceipt(reader, id)
  const changed = file.map((line) => line.replace(/"event":\d+/, '"event":1'))
  expect(await verifyLog(changed, log.key)).toMatchObject({
    valid: false,
    problem: expect.stringContaining(`receipt ${id}: it was not signed by`),
  })
  expect(await verifyLog([...before, ...file], log.key)).toMatchObject({
    valid: false,
    problem: `receipt ${id}: the log before it does not name it`,
  })
})

test('the ledger can be bared of an erased person alone, and changed in no other way (refused)', async () => {
  await using log = await openLog()
  const { app } = log
  const attempts = [
    `update consent_event set proof = '{}'`,
    `update consent_event set decision = 'denied'`,
    `delete from consent_event`,
  ]
  for (const attempt of attempts) {
    await expect(app.sql.unsafe(attempt)).rejects.toMatchObject({ code: '23001' })
  }
  await erase(app, await app.profileOf(planted.userId))
  for (const attempt of [
    `update consent_event set proof = '{"method": "other"}'`,
    ...attempts.slice(1),
  ]) {
    await expect(app.sql.unsafe(attempt)).rejects.toMatchObject({ code: '23001' })
  }
  for (const attempt of ['delete from erasure_receipt', `update erasure_receipt set digest = ''`]) {
    await expect(app.sql.unsafe(attempt)).rejects.toMatchObject({ code: '23001' })
  }
})
