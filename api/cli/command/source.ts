import type { Command } from 'commander'
import { z } from 'zod'
import { createSource } from '../createSource.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'

const sourceSchema = z.object({ id: z.string(), name: z.string() })

export function addSource(program: Command, table: CommandTable): void {
  const source = program.command('source').description('where events come from')

  source
    .command('create <name>')
    .description('create a source; its write key is shown this once')
    .option('--json', 'print JSON')
    .action(async (name: string, options: { json?: boolean }) => {
      await using client = await table.openClient()
      show(table, options, [await createSource(client, name)])
    })

  source
    .command('list')
    .description('list sources, without their keys')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      await using client = await table.openClient()
      const schema = z.object({ sources: z.array(sourceSchema) })
      show(table, options, (await client.ask(schema, '{ sources { id name } }')).sources)
    })
}
