import type { Command } from 'commander'
import { readConfig } from '../../../core/config.ts'
import { fail } from '../../../core/errors.ts'
import { examine } from '../../../core/examine.ts'
import { attack, type GroupReport } from '../../../core/host/attack/report.ts'
import { show, type CommandTable } from '../context.ts'

interface Options {
  json?: boolean
  attack?: boolean
}

export function addDoctor(program: Command, table: CommandTable): void {
  program
    .command('doctor')
    .description('check this machine; with --attack, try what hostile plugins would try')
    .option(
      '--attack',
      'run the attack list in each tier, within temporary folders and on loopback',
    )
    .option('--json', 'print JSON')
    .action((options: Options) =>
      options.attack ? runAttacks(table, options) : check(table, options),
    )
}

async function check(table: CommandTable, options: Options): Promise<void> {
  const checks = await examine(readConfig())
  if (options.json)
    show(
      table,
      options,
      checks.map((each) => ({ ...each })),
    )
  else
    for (const { name, ok, says } of checks)
      table.write(`${ok ? 'ok  ' : 'FAIL'}  ${name}: ${says}`)
  refuse(checks.filter(({ ok }) => !ok).length, checks.length)
}

async function runAttacks(table: CommandTable, { json }: Options): Promise<void> {
  const reports: GroupReport[] = []
  for await (const report of attack()) {
    reports.push(report)
    if (!json) for (const line of linesOf(report)) table.write(line)
  }
  if (json) table.write(JSON.stringify(reports, null, 2))
  const lines = reports.reduce((sum, report) => sum + report.lines, 0)
  refuse(
    reports.reduce((sum, { open }) => sum + open.length, 0),
    lines,
  )
}

/** One line for a group, then each open and each harmless line in full. */
function linesOf({ place, group, lines, open, harmless }: GroupReport): string[] {
  const held = lines - open.length - harmless.length
  return [
    `${place}, ${group}: ${held} of ${lines} held, ${open.length} open`,
    ...open.map(({ what, says }) => `  OPEN ${what}: ${says}`),
    ...harmless.map(({ what, reason }) => `  harmless ${what}: ${reason}`),
  ]
}

function refuse(found: number, of: number): void {
  if (found > 0) throw fail('doctor_found', { found, of })
}
