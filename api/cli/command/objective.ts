import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
import { show, type CommandTable } from '../context.ts'
import { readDocument } from './policyFile.ts'

interface Json {
  json?: boolean
}

const fields = 'id name state round roundsMax baseline measured target direction deadline'
const taskFields = 'id round key skill state performer attempts error reason'
const lower = z.string().toLowerCase()

const objectiveSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: lower,
  round: z.number(),
  roundsMax: z.number(),
  baseline: z.number().nullable(),
  measured: z.number().nullable(),
  target: z.number(),
  direction: lower,
  deadline: z.string(),
})

const taskSchema = z.object({
  id: z.string(),
  round: z.number(),
  key: z.string(),
  skill: z.string(),
  state: lower,
  performer: z.string().nullable(),
  attempts: z.number(),
  error: z.string().nullable(),
  reason: z.string().nullable(),
})

export function addObjective(program: Command, table: CommandTable): void {
  const objective = program
    .command('objective')
    .description('numbers that are to be brought to a target, and the tasks toward them')
  addList(objective, table)
  addShow(objective, table)
  addCreate(objective, table)
  for (const [name, description, mutation] of changes) {
    objective
      .command(`${name} <id>`)
      .description(description)
      .option('--json', 'print JSON')
      .action((id: string, options: Json) => change(table, mutation, { id }, options))
  }
  objective
    .command('edit-task <id> <input>')
    .description('have a task that has not begun begin with another input, as JSON')
    .option('--json', 'print JSON')
    .action((id: string, input: string, options: Json) =>
      change(table, 'editTask', { id, input: parseText(input) }, options),
    )
}

const changes = [
  ['approve', 'agree to the plan that waits', 'approvePlan'],
  ['pause', 'have nobody begin a task of it', 'pauseObjective'],
  ['resume', 'let a draft begin, or one that was paused go on', 'resumeObjective'],
  ['stop', 'end it for good, with all of its tasks', 'stopObjective'],
  ['skip-task', 'leave a task out; what waits for it goes on', 'skipTask'],
  ['retry-task', 'have a halted task tried again', 'retryTask'],
] as const

function addList(objective: Command, table: CommandTable): void {
  objective
    .command('list')
    .description('list the newest hundred, and how far they are')
    .option('--json', 'print JSON')
    .action(async (options: Json) => {
      await using client = await table.openClient()
      const { objectives } = await client.ask(
        z.object({ objectives: z.array(objectiveSchema) }),
        `{ objectives { ${fields} } }`,
      )
      show(table, options, objectives)
    })
}

function addShow(objective: Command, table: CommandTable): void {
  objective
    .command('show <id>')
    .description('show its tasks of all rounds')
    .option('--json', 'print JSON')
    .action(async (id: string, options: Json) => {
      await using client = await table.openClient()
      const { objective: found } = await client.ask(
        z.object({ objective: objectiveSchema.extend({ tasks: z.array(taskSchema) }).nullable() }),
        `query ($id: ID!) { objective(id: $id) { ${fields} tasks { ${taskFields} } } }`,
        { id },
      )
      if (!found) throw fail('not_found', { what: 'objective' })
      if (options.json) table.write(JSON.stringify(found, null, 2))
      else show(table, {}, found.tasks)
    })
}

function addCreate(objective: Command, table: CommandTable): void {
  objective
    .command('create <file>')
    .description('set an objective, from a JSON file or from JSON as it is')
    .option('--json', 'print JSON')
    .action((given: string, options: Json) => {
      const read = z
        .looseObject({ direction: z.string().toUpperCase().optional() })
        .safeParse(given.trimStart().startsWith('{') ? parseText(given) : readDocument(given))
      if (!read.success) throw fail('bad_input', { path: given, reason: 'it is no JSON object' })
      return change(table, 'createObjective', read.data, options)
    })
}

async function change(
  table: CommandTable,
  mutation: string,
  input: object,
  options: Json,
): Promise<void> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`
  await using client = await table.openClient()
  const { payload } = await client.ask(
    z.object({ payload: z.object({ objective: objectiveSchema.nullable(), errors: userErrors }) }),
    `mutation ($input: ${type}!) { payload: ${mutation}(input: $input) {
      objective { ${fields} } ${errorFields} } }`,
    { input },
  )
  refuseErrors(payload.errors)
  show(table, options, payload.objective ? [payload.objective] : [])
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw fail('bad_input', { path: 'the JSON', reason: 'it is not JSON' }, cause)
  }
}
