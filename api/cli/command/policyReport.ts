import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { demandGreen, testDocument } from '../../../core/policy/reportPolicy.ts'
import type { TestReport } from '../../../core/policy/reportPolicy.ts'
import type { CommandTable } from '../context.ts'
import { readPolicyFile } from './policyFile.ts'
import { isNumber, numberOf } from './policyLife.ts'

interface Options {
  json?: boolean
}

const testFields = 'tables passed cells failed failures { table cell wanted got rule } uncovered'
const testSchema = z.object({
  tables: z.number(),
  passed: z.number(),
  cells: z.number(),
  failed: z.number(),
  failures: z.array(
    z.object({
      table: z.string(),
      cell: z.string(),
      wanted: z.string(),
      got: z.string(),
      rule: z.string().nullable(),
    }),
  ),
  uncovered: z.array(z.string()),
})

const diffFields = 'widens rules access tests'
const diffSchema = z.object({
  widens: z.boolean(),
  rules: z.array(z.string()),
  access: z.array(z.string()),
  tests: z.array(z.string()),
})
type Diff = z.infer<typeof diffSchema>

/** What can be known of a policy before anybody is judged by it. */
export function addPolicyReport(policy: Command, table: CommandTable): void {
  policy
    .command('test <file-or-number>')
    .description('run the tables of a document, without a server, or those of a version')
    .option('--json', 'print JSON')
    .action(async (what: string, options: Options) => {
      const report = isNumber(what)
        ? await testVersion(table, Number(what))
        : testDocument(readPolicyFile(what))
      if (options.json) table.write(JSON.stringify(report, null, 2))
      else for (const line of testLines(report)) table.write(line)
      demandGreen(report)
    })

  policy
    .command('diff <file-or-number> [against]')
    .description(
      'say in words what a document or version changes; against what is in force, or a version',
    )
    .option('--json', 'print JSON')
    .action(async (what: string, against: string | undefined, options: Options) => {
      const number = against === undefined ? null : numberOf(against)
      const diff = isNumber(what)
        ? await diffVersion(table, Number(what), number)
        : await diffDocument(table, readPolicyFile(what), number)
      if (options.json) table.write(JSON.stringify(diff, null, 2))
      else for (const line of diffLines(diff)) table.write(line)
    })
}

async function testVersion(table: CommandTable, number: number): Promise<TestReport> {
  await using client = await table.openClient()
  const { policyVersion } = await client.ask(
    z.object({ policyVersion: z.object({ testReport: testSchema }).nullable() }),
    `query ($number: Int!) { policyVersion(number: $number) { testReport { ${testFields} } } }`,
    { number },
  )
  if (policyVersion) return policyVersion.testReport
  throw fail('policy_unknown', { number })
}

async function diffVersion(
  table: CommandTable,
  number: number,
  against: number | null,
): Promise<Diff> {
  await using client = await table.openClient()
  const { policyVersion } = await client.ask(
    z.object({ policyVersion: z.object({ diff: diffSchema }).nullable() }),
    `query ($number: Int!, $against: Int) {
      policyVersion(number: $number) { diff(against: $against) { ${diffFields} } } }`,
    { number, against },
  )
  if (policyVersion) return policyVersion.diff
  throw fail('policy_unknown', { number })
}

async function diffDocument(
  table: CommandTable,
  document: unknown,
  against: number | null,
): Promise<Diff> {
  await using client = await table.openClient()
  const { policyReport } = await client.ask(
    z.object({ policyReport: z.object({ diff: diffSchema }) }),
    `query ($document: Json!, $against: Int) {
      policyReport(document: $document, against: $against) { diff { ${diffFields} } } }`,
    { document, against },
  )
  return policyReport.diff
}

function* testLines({ tables, passed, cells, failed, failures, uncovered }: TestReport) {
  yield `${passed} of ${tables} tables are passed, ${cells} combinations looked at.`
  for (const { table, cell, wanted, got, rule } of failures) {
    yield `  ${table}: ${cell}: wanted ${wanted}, got ${got}, decided by ${rule ?? 'no rule'}`
  }
  if (failed > failures.length) yield `  and ${failed - failures.length} more`
  if (uncovered.length > 0) yield `Rules that no table tries: ${uncovered.join(', ')}.`
}

function* diffLines({ widens, rules, access, tests }: Diff) {
  if (rules.length + access.length + tests.length === 0) {
    yield 'Nothing changes.'
    return
  }
  yield* section('Who may do what:', access)
  yield* section('Rules:', rules)
  yield* section('Tests:', tests)
  yield widens
    ? 'Somebody may do more than before: two others than the author have to approve it.'
    : 'Nobody may do more than before: one other than the author has to approve it.'
}

function* section(title: string, lines: readonly string[]) {
  if (lines.length === 0) return
  yield title
  for (const line of lines) yield `  ${line}`
}
