import { closeSync, openSync, writeSync } from 'node:fs'
import type { Command } from 'commander'
import { fail } from '../../../core/errors.ts'
import { proveEntry, verifyLog } from '../../../core/audit/verify.ts'
import { entriesOf, keyOf, linesOf } from '../audit.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'

interface VerifyOptions {
  json?: boolean
  key?: string
}

export function addAudit(program: Command, table: CommandTable): void {
  const audit = program.command('audit').description('what was done, by whom, provably in order')

  audit
    .command('verify [file]')
    .description('check that nothing was changed, added or left out; of an exported file, offline')
    .option('--key <key>', 'the public key to believe, or a file with it; else the one in the file')
    .option('--json', 'print JSON')
    .action((file: string | undefined, options: VerifyOptions) => verify(table, file, options))

  audit
    .command('export')
    .description('print the audit log with its signed checkpoints, one JSON object a line')
    .option('--file <path>', 'write it to a new file instead')
    .action(async ({ file }: { file?: string }) => {
      await using client = await table.openClient()
      if (file === undefined) for await (const line of entriesOf(client)) table.write(line)
      else table.write(`${await save(file, entriesOf(client))} lines written to ${file}.`)
    })

  audit
    .command('prove <file> <entry>')
    .description('from an exported file, print the proof of one entry, which shows no other')
    .action(async (file: string, entry: string) => {
      const proven = await proveEntry(linesOf(file), Number(entry))
      if (!proven) {
        throw fail('command_failed', {
          reason: `No checkpoint in ${file} covers an entry ${entry}.`,
          remedy: 'Checkpoints are signed once a minute: export again after the next one.',
        })
      }
      const { proof, publicKey } = proven
      table.write(JSON.stringify({ publicKey, keyId: proof.checkpoint.keyId }))
      table.write(JSON.stringify({ proof }))
    })

  audit
    .command('key')
    .description(
      'print the public key that checkpoints are signed with, to be noted down elsewhere',
    )
    .action(async () => {
      await using client = await table.openClient()
      table.write((await client.read('/audit/key')).trim())
    })
}

async function verify(
  table: CommandTable,
  file: string | undefined,
  options: VerifyOptions,
): Promise<void> {
  const key = options.key === undefined ? undefined : keyOf(options.key)
  const result = await (file === undefined
    ? verifyServer(table, key)
    : verifyLog(linesOf(file), key))
  show(table, options, [{ ...result }])
  if (result.valid) return
  throw fail('command_failed', {
    reason: 'The audit log does not hold.',
    remedy: 'Compare it with an exported copy, and find out who could write to the database.',
  })
}

async function verifyServer(table: CommandTable, key: Parameters<typeof verifyLog>[1]) {
  await using client = await table.openClient()
  return verifyLog(entriesOf(client), key)
}

async function save(file: string, lines: AsyncIterable<string>): Promise<number> {
  const descriptor = openSync(file, 'wx', 0o600)
  let count = 0
  try {
    for await (const line of lines) {
      writeSync(descriptor, `${line}\n`)
      count += 1
    }
  } finally {
    closeSync(descriptor)
  }
  return count
}
