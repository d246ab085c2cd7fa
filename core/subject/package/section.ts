import type { Json, JsonObject } from '../../model/json.ts'
import type { PackagePart } from '../../model/subjectRequest.ts'
import { csvLine } from './csv.ts'
import type { ZipFile } from './zip.ts'

/** A part of what is known of a person: a table whose rows are read as they are written. */
export interface Section {
  part: PackagePart
  columns: readonly string[]
  rows(): AsyncIterable<JsonObject>
}

/** Every section twice: as JSON, which has everything as it is, and as CSV for spreadsheets. */
export async function* filesOf(
  sections: readonly Section[],
  counts: Map<string, number>,
): AsyncGenerator<ZipFile> {
  for (const section of sections) {
    yield { name: `${section.part}.json`, text: jsonOf(section, counts) }
    yield { name: `${section.part}.csv`, text: csvOf(section) }
  }
}

async function* jsonOf(section: Section, counts: Map<string, number>): AsyncGenerator<string> {
  let count = 0
  yield '['
  for await (const row of section.rows()) {
    yield `${count === 0 ? '\n' : ',\n'}${JSON.stringify(row)}`
    count += 1
  }
  counts.set(section.part, count)
  yield '\n]\n'
}

async function* csvOf({ columns, rows }: Section): AsyncGenerator<string> {
  yield csvLine(columns)
  for await (const row of rows()) yield csvLine(columns.map((column) => cellOf(row, column)))
}

const cellOf = (row: JsonObject, column: string): Json =>
  Object.hasOwn(row, column) ? (row[column] ?? null) : null
