import type { Command } from 'commander'
import { z } from 'zod'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
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
      const { createSource } = await client.ask(
        z.object({
          createSource: z.object({
            source: sourceSchema.extend({ writeKey: z.string() }).nullable(),
            errors: userErrors,
          }),
        }),
        `mutation ($name: String!) { createSource(input: { name: $name }) {
          source { id name writeKey } ${errorFields} } }`,
        { name },
      )
      refuseErrors(createSource.errors)
      show(table, options, createSource.source ? [createSource.source] : [])
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
