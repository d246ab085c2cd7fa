import type { Command } from 'commander'
import { z } from 'zod'
import { lintPolicy } from '../../../core/read/lintPolicy.ts'
import { fail } from '../../../core/errors.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'
import { readDocument } from './policyFile.ts'
import { addPolicyForce, addPolicyLife } from './policyLife.ts'
import { addPolicySimulate } from './policySimulate.ts'

interface Options {
  json?: boolean
}

const versionSchema = z.object({
  number: z.number(),
  status: z.string(),
  document: z.json().nullable(),
})
const pageSchema = z.object({
  policyVersions: z.object({
    edges: z.array(z.object({ node: versionSchema })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
})

export function addPolicy(program: Command, table: CommandTable): void {
  const policy = program.command('policy').description('who may see and do what')

  policy
    .command('export [number]')
    .description('print the document of a version; of the active one unless a number is given')
    .option('--json', 'print JSON, as it always does')
    .action(async (number: string | undefined) => {
      const document = await findDocument(table, number === undefined ? undefined : Number(number))
      table.write(JSON.stringify(document, null, 2))
    })

  policy
    .command('lint <file>')
    .description('check a policy document without storing it')
    .option('--json', 'print JSON')
    .action((file: string, options: Options) => {
      const { title, rules, hash } = lintPolicy(readDocument(file))
      show(table, options, [{ title, rules, hash }])
    })

  addPolicyLife(policy, table)
  addPolicyForce(policy, table)
  addPolicySimulate(policy, table)
}

async function findDocument(table: CommandTable, number: number | undefined) {
  await using client = await table.openClient()
  let after: string | null = null
  do {
    const { policyVersions }: z.infer<typeof pageSchema> = await client.ask(
      pageSchema,
      `query ($after: String) { policyVersions(first: 50, after: $after) {
        edges { node { number status document } } pageInfo { hasNextPage endCursor } } }`,
      { after },
    )
    const found = policyVersions.edges.find(({ node }) =>
      number === undefined ? node.status === 'ACTIVE' : node.number === number,
    )
    if (found) return found.node.document
    after = policyVersions.pageInfo.hasNextPage ? policyVersions.pageInfo.endCursor : null
  } while (after !== null)
  throw fail('not_found', {
    what: number === undefined ? 'active policy' : `policy version ${number}`,
  })
}
