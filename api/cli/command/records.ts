import type { Command } from 'commander'
import { z } from 'zod'
import type { Client } from '../client.ts'
import { show, type CommandTable } from '../context.ts'
import { csvLine } from '../csv.ts'

interface Options {
  json?: boolean
  csv?: boolean
  days: string
}

const recordSchema = z.object({
  id: z.string(),
  kind: z.string(),
  who: z.string(),
  description: z.string(),
  purpose: z.string().nullable(),
  purposeDescription: z.string().nullable(),
  legalBases: z.array(z.string()),
  needsConsent: z.boolean(),
  dataSubjects: z.array(z.string()),
  fields: z.array(z.string()),
  dataClasses: z.array(z.string()),
  specialCategories: z.array(z.string()),
  recipients: z.array(z.string()),
  transfers: z.string(),
  retention: z.array(z.string()),
  security: z.array(z.string()),
  state: z.string(),
  since: z.string(),
  observed: z.object({ count: z.number(), firstAt: z.string(), lastAt: z.string() }).nullable(),
})
type Row = z.infer<typeof recordSchema>

const findingSchema = z.object({
  severity: z.string(),
  code: z.string(),
  who: z.string(),
  object: z.string(),
  explanation: z.string(),
  remedy: z.string(),
  count: z.number(),
})

export function addRecords(program: Command, table: CommandTable): void {
  const records = program
    .command('records')
    .description('the records of processing activities (Art. 30 GDPR), for the authority')
    .option('--json', 'print JSON')
    .option('--csv', 'print CSV with a line for each activity')
    .option('--days <days>', 'count uses of so many days', '90')
    .action(async (options: Options) => {
      await using client = await table.openClient()
      const rows = await recordsOf(client, Number(options.days))
      if (options.json) table.write(JSON.stringify(rows, null, 2))
      else if (options.csv) for (const line of csvOf(rows)) table.write(line)
      else show(table, {}, rows.map(shortOf))
    })
  records
    .command('findings')
    .description('where what is done differs from what is promised')
    .option('--json', 'print JSON')
    .option('--days <days>', 'count uses of so many days', '90')
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<Options>()
      await using client = await table.openClient()
      const { processingFindings } = await client.ask(
        z.object({ processingFindings: z.array(findingSchema) }),
        `query ($days: Int!) { processingFindings(days: $days) {
          severity code who object explanation remedy count } }`,
        { days: Number(options.days) },
      )
      if (options.json) table.write(JSON.stringify(processingFindings, null, 2))
      else
        show(
          table,
          {},
          processingFindings.map(({ severity, explanation, remedy }) => ({
            severity: severity.toLowerCase(),
            finding: explanation,
            remedy,
          })),
        )
    })
}

async function recordsOf(client: Client, days: number): Promise<Row[]> {
  const { processingRecords } = await client.ask(
    z.object({ processingRecords: z.array(recordSchema) }),
    `query ($days: Int!) { processingRecords(days: $days) {
      id kind who description purpose purposeDescription legalBases needsConsent dataSubjects fields
      dataClasses specialCategories recipients transfers retention security state since
      observed { count firstAt lastAt } } }`,
    { days },
  )
  return processingRecords
}

const shortOf = ({ kind, who, purpose, fields, recipients, state, observed }: Row) => ({
  kind: kind.toLowerCase(),
  who,
  purpose,
  fields: fields.length,
  recipients: recipients.length,
  state,
  uses: observed?.count ?? 0,
})

function* csvOf(rows: readonly Row[]): Generator<string> {
  const columns = recordSchema.keyof().options
  yield csvLine(columns)
  for (const row of rows) {
    yield csvLine(
      columns.map((column) => {
        const cell = row[column]
        if (cell === null) return ''
        if (Array.isArray(cell)) return cell.join('; ')
        return typeof cell === 'object'
          ? `${cell.count} uses from ${cell.firstAt} to ${cell.lastAt}`
          : String(cell)
      }),
    )
  }
}
