import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { intentStates } from '../../../core/model/intent.ts'
import { errorFields, refuseErrors, userErrors, type Client } from '../client.ts'
import { listAll } from '../listAll.ts'
import { oneOf } from '../oneOf.ts'
import { show, type CommandTable } from '../context.ts'

const fields = `id profile agent { id } kind resource direction purpose channel state opposes vetoedBy { id }
  vetoReason activation announcedAt closesAt endedAt resolvedBy { id }`

const authorSchema = z.object({ id: z.string() })

const intentSchema = z.object({
  id: z.string(),
  profile: z.string(),
  agent: authorSchema,
  kind: z.string(),
  resource: z.string(),
  direction: z.string().nullable(),
  purpose: z.string().nullable(),
  channel: z.string().nullable(),
  state: z.string().toLowerCase(),
  opposes: z.string().nullable(),
  vetoedBy: authorSchema.nullable(),
  vetoReason: z.string().nullable(),
  activation: z.string().nullable(),
  announcedAt: z.string(),
  closesAt: z.string(),
  endedAt: z.string().nullable(),
  resolvedBy: authorSchema.nullable(),
})
type Intent = z.infer<typeof intentSchema>

interface ListOptions {
  state?: string
  kind?: string
  agent?: string
  json?: boolean
}

export function addIntent(program: Command, table: CommandTable): void {
  const intent = program
    .command('intent')
    .description('what agents announced before they act, and what became of it')

  intent
    .command('list')
    .description('list them, newest first')
    .option('--state <state>', intentStates.join(', '), oneOf(intentStates))
    .option('--kind <kind>', 'of one kind, such as spend')
    .option('--agent <plugin/agent>', 'that announced it')
    .option('--json', 'print JSON')
    .action(async ({ json, state, ...filter }: ListOptions) => {
      await using client = await table.openClient()
      const asked = { ...filter, ...(state ? { state: state.toUpperCase() } : {}) }
      const found = await list(client, asked)
      if (json) table.write(JSON.stringify(found, null, 2))
      else show(table, {}, found.map(briefOf))
    })

  intent
    .command('resolve <id>')
    .description('choose between intents that are opposed')
    .option('--carry', 'this one is carried out, and those opposed to it lapse')
    .option('--drop', 'none of them is carried out')
    .option('--json', 'print JSON')
    .action(async (id: string, { carry, drop, json }: ResolveOptions) => {
      if (carry === drop) {
        throw fail('bad_input', { path: '--carry or --drop', reason: 'say one of them' })
      }
      await using client = await table.openClient()
      const payload = z.object({ intent: intentSchema.nullable(), errors: userErrors })
      const { resolveIntent: answer } = await client.ask(
        z.object({ resolveIntent: payload }),
        `mutation ($input: ResolveIntentInput!) { resolveIntent(input: $input) {
          intent { ${fields} } ${errorFields} } }`,
        { input: { id, verdict: carry ? 'CARRY' : 'DROP' } },
      )
      refuseErrors(answer.errors)
      if (!answer.intent) throw fail('internal')
      if (json) table.write(JSON.stringify(answer.intent))
      else show(table, {}, [briefOf(answer.intent)])
    })
}

interface ResolveOptions {
  carry?: boolean
  drop?: boolean
  json?: boolean
}

const list = (client: Client, filter: object): Promise<Intent[]> =>
  listAll(client, {
    of: 'intents',
    node: intentSchema,
    fields,
    filter: { type: 'IntentFilter', value: filter },
  })

const briefOf = (one: Intent) => ({
  intent: one.id,
  agent: one.agent.id,
  kind: one.kind,
  resource: one.resource,
  direction: one.direction,
  state: one.state,
  vetoed: one.vetoedBy?.id ?? null,
  because: one.vetoReason,
  closes: one.closesAt,
})
