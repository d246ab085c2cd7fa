import { closeSync, openSync, writeSync } from 'node:fs'
import type { Command } from 'commander'
import { fail } from '../../../core/errors.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'

export function addAudit(program: Command, table: CommandTable): void {
  const audit = program.command('audit').description('what was done, by whom, provably in order')

  audit
    .command('verify [file]')
    .description('check that no entry was changed, added or left out; of an exported file, offline')
    .option('--json', 'print JSON')
    .action(async (file: string | undefined, options: { json?: boolean }) => {
      const result = await table.audit.verify({ file })
      show(table, options, [result])
      if (!result.valid) {
        throw fail('command_failed', {
          reason: 'The audit chain does not hold.',
          remedy: 'Compare it with an exported copy, and find out who could write to the database.',
        })
      }
    })

  audit
    .command('export')
    .description('print the audit chain, one JSON object a line')
    .option('--file <path>', 'write it to a new file instead')
    .action(async ({ file }: { file?: string }) => {
      if (file === undefined) {
        await table.audit.export(table.write)
        return
      }
      const descriptor = openSync(file, 'wx', 0o600)
      try {
        const { entries } = await table.audit.export((line) => writeSync(descriptor, `${line}\n`))
        table.write(`${entries} entries written to ${file}.`)
      } finally {
        closeSync(descriptor)
      }
    })
}
