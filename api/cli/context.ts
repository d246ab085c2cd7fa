import type { Client } from './client.ts'

/** What the commands need of the process around them; main.ts provides it. */
export interface CommandTable {
  /** Runs until stopped. */
  start(options: { demo: boolean }): Promise<void>
  /** Sends the demo shop to the server that runs on the data folder. */
  demo(): Promise<void>
  migrate(): Promise<{ applied: string[] }>
  openClient(): Promise<Client>
  write(line: string): void
}

type Cell = string | number | boolean | null | readonly string[]

/** Prints for a program with `--json`, else for a person: one line a row, columns aligned. */
export function show(
  { write }: Pick<CommandTable, 'write'>,
  { json }: { json?: boolean },
  rows: readonly Record<string, Cell>[],
): void {
  if (json) {
    write(JSON.stringify(rows, null, 2))
    return
  }
  const columns = Object.keys(rows[0] ?? {})
  const table = [columns, ...rows.map((row) => columns.map((column) => textOf(row[column])))]
  const widths = columns.map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0)))
  if (columns.length === 0) write('None yet.')
  else
    for (const row of table)
      write(
        row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd(),
      )
}

function textOf(value: Cell | undefined): string {
  if (value === null || value === undefined) return '-'
  return typeof value === 'object' ? value.join(',') || '-' : String(value)
}
