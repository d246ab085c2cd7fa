import type { Command } from 'commander'
import { z } from 'zod'
import { lintPolicy, policyJsonSchema } from '../../../core/read/lintPolicy.ts'
import { fail, SlateboardError } from '../../../core/errors.ts'
import type { Client } from '../client.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'
import { readText } from './policyFile.ts'
import { addPolicyForce, addPolicyLife, listVersions, numberOf } from './policyLife.ts'
import { addPolicyReport } from './policyReport.ts'
import { addPolicySimulate } from './policySimulate.ts'

interface Options {
  json?: boolean
}

export function addPolicy(program: Command, table: CommandTable): void {
  const policy = program.command('policy').description('who may see and do what')

  policy
    .command('export [number]')
    .description('print the document of a version; of the active one unless a number is given')
    .option('--json', 'print JSON, as it always does')
    .action(async (number: string | undefined) => {
      const document = await findDocument(
        table,
        number === undefined ? undefined : numberOf(number),
      )
      table.write(JSON.stringify(document, null, 2))
    })

  policy
    .command('lint <file>')
    .description('check a policy document without storing it')
    .option('--json', 'print JSON')
    .action((file: string, options: Options) => {
      const report = lintPolicy(readText(file))
      if (!('title' in report)) {
        const { problems } = report
        if (options.json) table.write(JSON.stringify(problems, null, 2))
        throw new SlateboardError('policy_problems', { count: problems.length }, { problems })
      }
      const { title, rules, hash } = report
      show(table, options, [{ title, rules, hash }])
    })

  policy
    .command('schema')
    .description('print the JSON Schema of policy documents, for an editor to check them by')
    .option('--json', 'print JSON, as it always does')
    .action(() => table.write(JSON.stringify(policyJsonSchema(), null, 2)))

  addPolicyReport(policy, table)
  addPolicyLife(policy, table)
  addPolicyForce(policy, table)
  addPolicySimulate(policy, table)
}

async function findDocument(table: CommandTable, number: number | undefined) {
  await using client = await table.openClient()
  const wanted = number ?? (await findActive(client))
  const { policyVersion } = await client.ask(
    z.object({ policyVersion: z.object({ document: z.json().nullable() }).nullable() }),
    'query ($number: Int!) { policyVersion(number: $number) { document } }',
    { number: wanted },
  )
  if (policyVersion) return policyVersion.document
  throw fail('policy_unknown', { number: wanted })
}

async function findActive(client: Client): Promise<number> {
  const versions = await listVersions(client)
  const active = versions.find(({ status }) => status === 'ACTIVE')
  if (active) return active.number
  throw fail('not_found', { what: 'active policy' })
}
