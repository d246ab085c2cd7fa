import { InvalidArgumentError, type Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
import { show, type CommandTable } from '../context.ts'

const weightSchema = z
  .object({ delta: z.number(), reason: z.string(), setBy: z.string(), setAt: z.string() })
  .nullable()

const weighed = 'weight { delta reason setBy setAt }'

interface Options {
  reason?: string
  json?: boolean
}

export function addAgendaWeight(agenda: Command, table: CommandTable): void {
  agenda
    .command('weight [agent] [delta]')
    .description(
      'have an agent, written plugin/agent, get its turn earlier or later; or list who does',
    )
    .option('--reason <text>', 'why; it stands in the audit log, so name no person')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nThe delta is points of priority, from -100 to 100; 0 is as before.')
    .action((agent: string | undefined, delta: string | undefined, options: Options) =>
      agent === undefined
        ? list(table, options)
        : set(table, { agent, delta: numberOf(delta), reason: options.reason }, options),
    )
}

async function list(table: CommandTable, { json }: Options): Promise<void> {
  await using client = await table.openClient()
  const { agents } = await client.ask(
    z.object({ agents: z.array(z.object({ id: z.string(), weight: weightSchema })) }),
    `{ agents { id ${weighed} } }`,
  )
  const rows = agents.flatMap(({ id, weight }) => (weight ? [{ agent: id, ...weight }] : []))
  if (json) table.write(JSON.stringify(rows, null, 2))
  else show(table, {}, rows)
}

async function set(
  table: CommandTable,
  input: { agent: string; delta: number; reason: string | undefined },
  { json }: Options,
): Promise<void> {
  if (input.reason === undefined) {
    throw fail('bad_input', { path: '--reason', reason: 'say why; it stands in the audit log' })
  }
  await using client = await table.openClient()
  const { setAgentWeight } = await client.ask(
    z.object({ setAgentWeight: z.object({ errors: userErrors }) }),
    `mutation ($input: SetAgentWeightInput!) { setAgentWeight(input: $input) { ${errorFields} } }`,
    { input },
  )
  refuseErrors(setAgentWeight.errors)
  const { agent, delta } = input
  if (json) table.write(JSON.stringify({ agent, delta }))
  else if (delta === 0) table.write(`${agent} gets its turn by its own priority.`)
  else
    table.write(`${agent} gets its turn ${Math.abs(delta)} ${wordOf(delta)} by its own priority.`)
}

const wordOf = (delta: number): string =>
  `${Math.abs(delta) === 1 ? 'point' : 'points'} ${delta > 0 ? 'earlier' : 'later'} than`

function numberOf(delta: string | undefined): number {
  if (delta !== undefined && /^[+-]?\d{1,3}$/.test(delta)) return Number(delta)
  throw new InvalidArgumentError('Give a whole number from -100 to 100, such as 20 or -20.')
}
