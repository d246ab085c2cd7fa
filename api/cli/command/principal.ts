import type { Command } from 'commander'
import { z } from 'zod'
import { roles } from '../../../core/model/principal.ts'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'

const principalSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  purposes: z.array(z.string()),
})

interface CreateOptions {
  role: string
  purpose?: string[]
  json?: boolean
}

export function addPrincipal(program: Command, table: CommandTable): void {
  const principal = program.command('principal').description('who may call the API')

  principal
    .command('create <name>')
    .description('create a principal; its key is shown this once')
    .requiredOption('--role <role>', `one of ${roles.join(', ')}`)
    .option('--purpose <purpose...>', 'what it may read for, such as service')
    .option('--json', 'print JSON')
    .action((name: string, options: CreateOptions) => create(table, name, options))

  principal
    .command('list')
    .description('list principals, revoked ones too')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      await using client = await table.openClient()
      const row = principalSchema.extend({ revokedAt: z.string().nullable() })
      const { principals } = await client.ask(
        z.object({ principals: z.array(row) }),
        '{ principals { id name role purposes revokedAt } }',
      )
      show(table, options, principals)
    })

  principal
    .command('revoke <id>')
    .description('end a key; every process stops honouring it within a second')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: boolean }) => revoke(table, id, options))
}

async function create(
  table: CommandTable,
  name: string,
  { role, purpose = [], ...options }: CreateOptions,
): Promise<void> {
  await using client = await table.openClient()
  const { createPrincipal } = await client.ask(
    z.object({
      createPrincipal: z.object({
        principal: principalSchema.nullable(),
        key: z.string().nullable(),
        errors: userErrors,
      }),
    }),
    `mutation ($input: CreatePrincipalInput!) { createPrincipal(input: $input) {
      principal { id name role purposes } key ${errorFields} } }`,
    { input: { name, role, purposes: purpose } },
  )
  refuseErrors(createPrincipal.errors)
  const { principal, key } = createPrincipal
  show(table, options, principal ? [{ ...principal, key }] : [])
}

async function revoke(table: CommandTable, id: string, options: { json?: boolean }): Promise<void> {
  await using client = await table.openClient()
  const { revokePrincipal } = await client.ask(
    z.object({
      revokePrincipal: z.object({ revokedAt: z.string().nullable(), errors: userErrors }),
    }),
    `mutation ($id: ID!) { revokePrincipal(input: { id: $id }) { revokedAt ${errorFields} } }`,
    { id },
  )
  refuseErrors(revokePrincipal.errors)
  show(table, options, [{ id, revokedAt: revokePrincipal.revokedAt }])
}
