import { InvalidArgumentError, type Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
import { show, type CommandTable } from '../context.ts'

interface Json {
  json?: boolean
}

const fields = 'name unit cap spent left endsAt'
const budgetSchema = z.object({
  name: z.string(),
  unit: z.string(),
  cap: z.number(),
  spent: z.number(),
  left: z.number(),
  endsAt: z.string().nullable(),
})

const entrySchema = z.object({
  kind: z.string().toLowerCase(),
  amount: z.number(),
  reference: z.string(),
  by: z.string(),
  at: z.string(),
})

export function addBudget(program: Command, table: CommandTable): void {
  const budget = program.command('budget').description('what acts may cost, and what was spent')
  budget
    .command('list')
    .description('list budgets with what is left of them')
    .option('--json', 'print JSON')
    .action(async (options: Json) => {
      await using client = await table.openClient()
      const { budgets } = await client.ask(
        z.object({ budgets: z.array(budgetSchema) }),
        `{ budgets { ${fields} } }`,
      )
      show(table, options, budgets)
    })
  addSet(budget, table)
  addEntries(budget, table)
}

function addSet(budget: Command, table: CommandTable): void {
  budget
    .command('set <name>')
    .description('set a budget, or the cap and the end of one that there is')
    .requiredOption('--cap <amount>', 'whole ones of the unit; at least what is spent', asAmount)
    .requiredOption('--unit <unit>', 'what is counted, such as "EUR cent"')
    .option('--ends <instant>', 'when spending ends, such as 2027-01-01T00:00:00Z')
    .option('--json', 'print JSON')
    .action(
      async (
        name: string,
        { cap, unit, ends, ...options }: Json & { cap: number; unit: string; ends?: string },
      ) => {
        await using client = await table.openClient()
        const { setBudget } = await client.ask(
          z.object({
            setBudget: z.object({ budget: budgetSchema.nullable(), errors: userErrors }),
          }),
          `mutation ($input: SetBudgetInput!) { setBudget(input: $input) {
            budget { ${fields} } ${errorFields} } }`,
          { input: { name, cap, unit, endsAt: ends ?? null } },
        )
        refuseErrors(setBudget.errors)
        show(table, options, setBudget.budget ? [setBudget.budget] : [])
      },
    )
}

function addEntries(budget: Command, table: CommandTable): void {
  budget
    .command('entries <name>')
    .description('list what was booked last, the newest first')
    .option('--json', 'print JSON')
    .action(async (name: string, options: Json) => {
      await using client = await table.openClient()
      const { budgets } = await client.ask(
        z.object({
          budgets: z.array(
            z.object({
              name: z.string(),
              entries: z.object({ edges: z.array(z.object({ node: entrySchema })) }),
            }),
          ),
        }),
        '{ budgets { name entries(first: 100) { edges { node { kind amount reference by at } } } } }',
      )
      const found = budgets.find((each) => each.name === name)
      if (!found) throw fail('not_found', { what: `budget ${name}` })
      show(
        table,
        options,
        found.entries.edges.map(({ node }) => node),
      )
    })
}

function asAmount(given: string): number {
  if (/^\d{1,15}$/.test(given)) return Number(given)
  throw new InvalidArgumentError('Use a whole number.')
}
