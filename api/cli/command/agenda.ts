import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { parkedReasons, reactionStates } from '../../../core/model/reaction.ts'
import { errorFields, refuseErrors, userErrors, type Client } from '../client.ts'
import { listAll } from '../listAll.ts'
import { oneOf } from '../oneOf.ts'
import { show, type CommandTable } from '../context.ts'
import { asIdentifier } from '../subject.ts'
import { addAgendaGraph } from './agendaGraph.ts'
import { addAgendaWeight } from './agendaWeight.ts'

interface Json {
  json?: boolean
}

interface Choice extends Json {
  agent?: string
  parked?: string
}

interface Whom {
  user?: string
  person?: string
}

const fields = `id profile agent state parked reason error priority rating deadline
  causes { kind count } traceId hop trail attempts enqueuedAt dueAt`

const lower = z.string().toLowerCase()
const reactionSchema = z.object({
  id: z.string(),
  profile: z.string(),
  agent: z.string(),
  state: lower,
  parked: lower.nullable(),
  reason: z.string().nullable(),
  error: z.string().nullable(),
  priority: z.number(),
  rating: z.number(),
  deadline: z.string().nullable(),
  causes: z.array(z.object({ kind: z.string(), count: z.number() })),
  traceId: z.string().nullable(),
  hop: z.number(),
  trail: z.array(z.string()),
  attempts: z.number(),
  enqueuedAt: z.string(),
  dueAt: z.string().nullable(),
})
type Reaction = z.infer<typeof reactionSchema>

/** Reactions that `list` prints at most; `show` counts them all. */
const listMax = 1000

export function addAgenda(program: Command, table: CommandTable): void {
  const agenda = program.command('agenda').description('what the agents have to do, and what waits')
  addList(agenda, table)
  addShow(agenda, table)
  addRelease(agenda, table)
  addDrop(agenda, table)
  addRun(agenda, table)
  addAgendaGraph(agenda, table)
  addAgendaWeight(agenda, table)
}

function addList(agenda: Command, table: CommandTable): void {
  agenda
    .command('list')
    .description(`list reactions, the oldest ${listMax} first, and why they wait`)
    .option('--agent <agent>', 'plugin/agent')
    .option('--state <state>', reactionStates.join(', '), oneOf(reactionStates))
    .option('--parked <reason>', parkedReasons.join(', '), oneOf(parkedReasons))
    .option('--json', 'print JSON')
    .action(async ({ agent, state, parked, json }: Choice & { state?: string }) => {
      await using client = await table.openClient()
      const found = await listThem(client, {
        ...(agent === undefined ? {} : { agent }),
        ...(state === undefined ? {} : { state: state.toUpperCase() }),
        ...(parked === undefined ? {} : { parked: parked.toUpperCase() }),
      })
      if (json) table.write(JSON.stringify(found, null, 2))
      else show(table, {}, found.map(briefOf))
    })
}

const countsSchema = z.object({
  pending: z.number(),
  running: z.number(),
  snoozed: z.number(),
  parked: z.array(z.object({ reason: lower, count: z.number() })),
  oldestSeconds: z.number().nullable(),
})
type Counts = z.infer<typeof countsSchema>

function addShow(agenda: Command, table: CommandTable): void {
  agenda
    .command('show')
    .description('count what waits, runs and is parked, of each agent and of all')
    .option('--json', 'print JSON')
    .action(async ({ json }: Json) => {
      await using client = await table.openClient()
      const counts = 'pending running snoozed parked { reason count } oldestSeconds'
      const told = await client.ask(
        z.object({
          agenda: countsSchema,
          agents: z.array(z.object({ id: z.string(), agenda: countsSchema })),
        }),
        `{ agenda { ${counts} } agents { id agenda { ${counts} } } }`,
      )
      if (json) table.write(JSON.stringify(told, null, 2))
      else {
        const rows = told.agents.map(({ id, agenda: own }) => rowOf(id, own))
        show(table, {}, [...rows, rowOf('all', told.agenda)])
      }
    })
}

const rowOf = (agent: string, { parked, oldestSeconds, ...counts }: Counts) => ({
  agent,
  ...counts,
  parked: parked.map(({ reason, count }) => `${reason} ${count}`),
  oldestSeconds,
})

function addRelease(agenda: Command, table: CommandTable): void {
  agenda
    .command('release [ids...]')
    .description('put parked ones back into the order, as if for the first time')
    .option('--agent <agent>', 'those of one, written plugin/agent')
    .option('--parked <reason>', parkedReasons.join(', '), oneOf(parkedReasons))
    .option('--json', 'print JSON')
    .action(async (ids: string[], options: Choice) => {
      await change(table, 'releaseReactions', choiceOf(ids, options), options, 'Released')
    })
}

function addDrop(agenda: Command, table: CommandTable): void {
  agenda
    .command('drop [ids...]')
    .description('take those that wait or are parked off the agenda for good; none that runs')
    .requiredOption('--reason <text>', 'why; it stands in the audit log, so name no person')
    .option('--agent <agent>', 'those of one, written plugin/agent')
    .option('--parked <reason>', parkedReasons.join(', '), oneOf(parkedReasons))
    .option('--json', 'print JSON')
    .action(async (ids: string[], options: Choice & { reason: string }) => {
      const input = { ...choiceOf(ids, options), reason: options.reason }
      await change(table, 'dropReactions', input, options, 'Dropped')
    })
}

const choiceOf = (ids: string[], { agent, parked }: Choice): object => ({
  ...(ids.length > 0 ? { ids } : {}),
  ...(agent === undefined ? {} : { agent }),
  ...(parked === undefined ? {} : { parked: parked.toUpperCase() }),
})

async function change(
  table: CommandTable,
  mutation: 'releaseReactions' | 'dropReactions',
  input: object,
  { json }: Json,
  done: string,
): Promise<void> {
  await using client = await table.openClient()
  const type = mutation === 'releaseReactions' ? 'ReleaseReactionsInput' : 'DropReactionsInput'
  const { payload } = await client.ask(
    z.object({ payload: z.object({ count: z.number().nullable(), errors: userErrors }) }),
    `mutation ($input: ${type}!) { payload: ${mutation}(input: $input) { count ${errorFields} } }`,
    { input },
  )
  refuseErrors(payload.errors)
  const count = payload.count ?? 0
  table.write(json ? JSON.stringify({ count }) : `${done} ${count}.`)
}

function addRun(agenda: Command, table: CommandTable): void {
  agenda
    .command('run <agent>')
    .description('have an agent, written plugin/agent, look at one person')
    .option('--user <id>', 'the person by user_id')
    .option('--person <identifier>', 'the person by namespace=value, such as email=ada@example.com')
    .option('--json', 'print JSON')
    .action(async (agent: string, { json, ...whom }: Json & Whom) => {
      const by = identifierOf(whom)
      await using client = await table.openClient()
      const { runAgent } = await client.ask(
        z.object({
          runAgent: z.object({ reaction: reactionSchema.nullable(), errors: userErrors }),
        }),
        `mutation ($input: RunAgentInput!) { runAgent(input: $input) {
          reaction { ${fields} } ${errorFields} } }`,
        { input: { agent, by } },
      )
      refuseErrors(runAgent.errors)
      if (json) table.write(JSON.stringify(runAgent.reaction))
      else if (runAgent.reaction) show(table, {}, [briefOf(runAgent.reaction)])
      else table.write('Done already.')
    })
}

function identifierOf({ user, person }: Whom): { namespace: string; value: string } {
  if (user !== undefined && person === undefined) return { namespace: 'user_id', value: user }
  if (user === undefined && person !== undefined) return asIdentifier(person, '--person')
  throw fail('bad_input', { path: '--user', reason: 'give either --user or --person' })
}

const listThem = (client: Client, value: object): Promise<Reaction[]> =>
  listAll(client, {
    of: 'reactions',
    node: reactionSchema,
    fields,
    filter: { type: 'ReactionFilter', value },
    max: listMax,
  })

const briefOf = ({ id, agent, state, parked, error, attempts, reason }: Reaction) => ({
  reaction: id,
  agent,
  state: parked ?? state,
  error,
  attempts,
  why: reason,
})
