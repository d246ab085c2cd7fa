import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import { linesOf } from '../audit.ts'
import { errorFields, refuseErrors, userErrors, type Client } from '../client.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'

const pageMax = 200
const lineSchema = z.object({ receipt: z.object({ id: z.string() }) })

export function addTombstone(program: Command, table: CommandTable): void {
  const tombstone = program
    .command('tombstone')
    .description('what keeps erased persons from coming back')

  tombstone
    .command('export')
    .description('print all erasures, to be kept beside backups; blind indexes and signed receipts')
    .option('--file <path>', 'write them to a new file instead')
    .action(async ({ file }: { file?: string }) => {
      await using client = await table.openClient()
      const lines = await exported(client)
      if (file === undefined) for (const line of lines) table.write(line)
      else {
        writeFileSync(file, lines.map((line) => `${line}\n`).join(''), { flag: 'wx', mode: 0o600 })
        table.write(`${lines.length} erasures written to ${file}.`)
      }
    })

  tombstone
    .command('replay <file>')
    .description('after restoring a backup: erase again whom it brought back')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { json?: boolean }) => {
      await using client = await table.openClient()
      const sum = { restored: 0, erased: 0 }
      let page: string[] = []
      const send = async (): Promise<void> => {
        const { restored, erased } = await replay(client, page)
        sum.restored += restored
        sum.erased += erased
        page = []
      }
      for await (const line of linesOf(file)) {
        if (line.trim() !== '') page.push(line)
        if (page.length === pageMax) await send()
      }
      await send()
      show(table, options, [sum])
    })

  tombstone
    .command('lift <namespace> <value>')
    .description('let somebody who was erased and came back by themselves be known again')
    .option('--json', 'print JSON')
    .action(async (namespace: string, value: string, options: { json?: boolean }) => {
      await using client = await table.openClient()
      const { liftTombstone } = await client.ask(
        z.object({
          liftTombstone: z.object({
            receipt: z.string().nullable(),
            lifted: z.number(),
            errors: userErrors,
          }),
        }),
        `mutation ($subject: IdentifierInput!) { liftTombstone(input: { subject: $subject }) {
          receipt lifted ${errorFields} } }`,
        { subject: { namespace, value } },
      )
      refuseErrors(liftTombstone.errors)
      const { receipt, lifted } = liftTombstone
      show(table, options, [{ receipt, lifted }])
    })
}

async function exported(client: Client): Promise<string[]> {
  const all: string[] = []
  for (;;) {
    const last = all.at(-1)
    const after = last === undefined ? '' : lineSchema.parse(JSON.parse(last)).receipt.id
    const text = await client.read(`/erasure/tombstones?after=${after}`)
    const lines = text.split('\n').filter((line) => line !== '')
    if (lines.length === 0) return all
    all.push(...lines)
  }
}

async function replay(client: Client, lines: readonly string[]) {
  const { replayTombstones } = await client.ask(
    z.object({
      replayTombstones: z.object({
        restored: z.number(),
        erased: z.number(),
        errors: userErrors,
      }),
    }),
    `mutation ($lines: [String!]!) { replayTombstones(input: { lines: $lines }) {
      restored erased ${errorFields} } }`,
    { lines },
  )
  refuseErrors(replayTombstones.errors)
  return replayTombstones
}
