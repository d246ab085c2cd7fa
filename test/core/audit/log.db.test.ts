import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { publicKeyText, readPublicKey } from '../../../core/audit/line.ts'
import { proveEntry, verifyLog } from '../../../core/audit/verify.ts'
import { audit } from '../../../core/admin/audit.ts'
import { auditUse, checkpointAudit } from '../../../core/flow/checkpoint.ts'
import { chainAudit } from '../../../core/flow/record.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { listAudit, showAuditKey } from '../../../core/read/listAudit.ts'
import { openTestApp, type TestApp } from '../../support/app.ts'

async function act({ board, sql, workspaceId }: TestApp, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const acted = { workspaceId, actor: 'system', action: 'test', object: `thing:${n}` }
    await audit(sql, board, { ...acted, payload: { n } })
  }
  await chainAudit(board)
}

/** Three checkpoints, over 5, 9 and 10 of 12 entries. */
async function openLog() {
  const app = await openTestApp({ works: false })
  for (const count of [5, 4, 1]) {
    await act(app, count)
    await checkpointAudit(app.board)
  }
  await act(app, 2)
  const { key } = await app.principal('auditor')
  const reader = await createDoorkeeper(app.board, app.policies).admit(key)
  if (!reader) throw new TypeError('the auditor was not admitted')
  return {
    app,
    lines: async () => [showAuditKey(reader), ...(await listAudit(reader, 0))],
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

test('an exported log is verified with nothing but itself and the key', async () => {
  await using log = await openLog()
  const lines = await log.lines()
  const key = readPublicKey(publicKeyText(log.app.board.vault.signingKey(auditUse)))
  expect(await verifyLog(lines, key)).toMatchObject({
    valid: true,
    entries: 12,
    checkpoints: 3,
    signed: 10,
    problem: null,
  })
  expect(await verifyLog(lines)).toMatchObject({ valid: true, signed: 10 })
})

test('a checkpoint is signed once, and goes on from the one before', async () => {
  await using log = await openLog()
  expect(await checkpointAudit(log.app.board)).toBe(1)
  expect(await checkpointAudit(log.app.board)).toBe(0)
  expect(await verifyLog(await log.lines())).toMatchObject({
    valid: true,
    checkpoints: 4,
    signed: 12,
  })
})

test('nodes that sign at the same moment agree', async () => {
  await using log = await openLog()
  const { app } = log
  await act(app, 3)
  await Promise.all(Array.from({ length: 8 }, () => checkpointAudit(app.board)))
  expect(await verifyLog(await log.lines())).toMatchObject({ valid: true, checkpoints: 4 })
})

test('a log signed by another key is refused by who knows the right one', async () => {
  await using log = await openLog()
  const other = generateKeyPairSync('ed25519').publicKey
  expect(await verifyLog(await log.lines(), other)).toMatchObject({
    valid: false,
    problem: expect.stringContaining('it was not signed by'),
  })
})

const entryAt = (lines: string[], seq: number): number =>
  lines.findIndex((line) => line.includes(`"seq":${seq},`))

const attacks: [string, (lines: string[]) => string[], RegExp][] = [
  [
    'a changed payload',
    (lines) =>
      lines.with(
        entryAt(lines, 3),
        (lines[entryAt(lines, 3)] ?? '').replace(String.raw`\"n\":2`, String.raw`\"n\":7`),
      ),
    /entry 3: its payload was changed/,
  ],
  [
    'an entry left out',
    (lines) => lines.toSpliced(entryAt(lines, 7), 1),
    /entry 8: entry 7 is missing/,
  ],
  [
    'a checkpoint moved',
    (lines) => [
      ...lines.filter((line) => !line.includes('"size":9')),
      lines.find((line) => line.includes('"size":9')) ?? '',
    ],
    /checkpoint 9: it does not stand/,
  ],
  [
    'a checkpoint of more than there is',
    (lines) => lines.map((line) => line.replace('"size":5', '"size":6')),
    /checkpoint 6: it was not signed/,
  ],
  [
    'another time in a checkpoint',
    (lines) => lines.map((line) => line.replace(/("size":5.*"at":"20)\d\d/, '$199')),
    /checkpoint 5: it was not signed/,
  ],
  [
    'a log cut off before what was signed, and the rest signed',
    (lines) => lines.toSpliced(entryAt(lines, 9), 1),
    /it does not stand after its last entry|is missing/,
  ],
]

test.each(attacks)('finds %s', async (_, attack, problem) => {
  await using log = await openLog()
  const lines = await log.lines()
  const changed = attack(lines)
  expect(changed).not.toEqual(lines)
  expect(await verifyLog(changed)).toMatchObject({
    valid: false,
    problem: expect.stringMatching(problem),
  })
})

test('who rewrites the whole chain cannot sign it again', async () => {
  await using log = await openLog()
  const { app } = log
  const signed = (await log.lines()).find((line) => line.includes('checkpoint'))
  const key = readPublicKey(publicKeyText(app.board.vault.signingKey(auditUse)))
  await using forger = await openTestApp({ works: false })
  await act(forger, 12)
  const { key: admin } = await forger.principal('admin')
  const reader = await createDoorkeeper(forger.board, forger.policies).admit(admin)
  if (!reader) throw new TypeError('the forger was not admitted')
  const forged = (await listAudit(reader, 0)).toSpliced(5, 0, signed ?? '')
  expect(await verifyLog(forged, key)).toMatchObject({
    valid: false,
    problem: 'checkpoint 5: what was signed is not what stands here',
  })
})

test('one entry is proven without showing another, and a changed one is not', async () => {
  await using log = await openLog()
  const lines = await log.lines()
  const proven = await proveEntry(lines, 7)
  if (!proven) throw new TypeError('entry 7 should be covered')
  const { proof, publicKey } = proven
  const text = [
    JSON.stringify({ publicKey, keyId: proof.checkpoint.keyId }),
    JSON.stringify({ proof }),
  ]
  expect(text.join('')).not.toContain('thing:0')
  expect(await verifyLog(text)).toMatchObject({ valid: true, entries: 1, signed: 1 })
  const changed = text.map((line) => line.replace('"actor":"system"', '"actor":"principal:eve"'))
  expect(await verifyLog(changed)).toMatchObject({
    valid: false,
    problem: 'entry 7: it was changed',
  })
  const moved = text.map((line) => line.replace('"seq":7', '"seq":6'))
  expect(await verifyLog(moved)).toMatchObject({ valid: false })
  expect(await proveEntry(lines, 11)).toBeUndefined()
})

test.each(['{}', 'x', '{"entry":{}}', '{"publicKey":"!"}', '{"checkpoint":{"size":1}}'])(
  'a file that is no log is refused at its line: %s',
  async (line) => {
    await expect(verifyLog(['', line])).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('line 2'),
    })
  },
)

test('a checkpoint can be neither changed nor deleted', async () => {
  await using log = await openLog()
  for (const statement of [
    'delete from audit_checkpoint',
    `update audit_checkpoint set head = ''`,
  ]) {
    await expect(log.app.sql.unsafe(statement)).rejects.toMatchObject({ code: '23001' })
  }
})
