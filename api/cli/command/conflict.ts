import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { traitConflictStates } from '../../../core/model/conflict.ts'
import { jsonSchema } from '../../../core/model/json.ts'
import { errorFields, refuseErrors, userErrors, type Client } from '../client.ts'
import { listAll } from '../listAll.ts'
import { oneOf } from '../oneOf.ts'
import { show, type CommandTable } from '../context.ts'

interface ListOptions {
  state?: string
  trait?: string
  agent?: string
  json?: boolean
}

const fields = `id profile trait rule state winner { kind id } loser { id } value stood withheld confidence
  winnerConfidence times resolution resolvedBy { id } foundAt at`

const authorSchema = z.object({ kind: z.string().toLowerCase().optional(), id: z.string() })

const conflictSchema = z.object({
  id: z.string(),
  profile: z.string(),
  trait: z.string(),
  rule: z.string().toLowerCase(),
  state: z.string().toLowerCase(),
  winner: authorSchema,
  loser: authorSchema,
  value: jsonSchema.nullable(),
  stood: jsonSchema.nullable(),
  withheld: z.boolean(),
  confidence: z.number(),
  winnerConfidence: z.number(),
  times: z.number(),
  resolution: z.string().toLowerCase().nullable(),
  resolvedBy: authorSchema.nullable(),
  foundAt: z.string(),
  at: z.string(),
})
type Conflict = z.infer<typeof conflictSchema>

export function addConflict(program: Command, table: CommandTable): void {
  const conflict = program
    .command('conflict')
    .description('what agents said of somebody and another agent, or a commitment, said otherwise')

  conflict
    .command('list')
    .description('list them, newest first')
    .option('--state <state>', traitConflictStates.join(', '), oneOf(traitConflictStates))
    .option('--trait <key>', 'of one trait')
    .option('--agent <plugin/agent>', 'that lost, or won')
    .option('--json', 'print JSON')
    .action(async ({ json, state, ...filter }: ListOptions) => {
      await using client = await table.openClient()
      const asked = { ...filter, ...(state ? { state: state.toUpperCase() } : {}) }
      const found = await list(client, asked)
      if (json) table.write(JSON.stringify(found, null, 2))
      else show(table, {}, found.map(briefOf))
    })

  conflict
    .command('resolve <id>')
    .description('settle one that waits; the same words are settled by it from then on')
    .option('--keep', 'what stands goes on standing')
    .option('--take', 'what lost is written in its place')
    .option('--json', 'print JSON')
    .action(async (id: string, { keep, take, json }: ResolveOptions) => {
      if (keep === take) {
        throw fail('bad_input', { path: '--keep or --take', reason: 'say one of them' })
      }
      await using client = await table.openClient()
      const payload = z.object({ conflict: conflictSchema.nullable(), errors: userErrors })
      const { resolveTraitConflict: answer } = await client.ask(
        z.object({ resolveTraitConflict: payload }),
        `mutation ($input: ResolveTraitConflictInput!) { resolveTraitConflict(input: $input) {
          conflict { ${fields} } ${errorFields} } }`,
        { input: { id, verdict: take ? 'TAKE' : 'KEEP' } },
      )
      refuseErrors(answer.errors)
      if (!answer.conflict) throw fail('internal')
      if (json) table.write(JSON.stringify(answer.conflict))
      else show(table, {}, [briefOf(answer.conflict)])
    })
}

interface ResolveOptions {
  keep?: boolean
  take?: boolean
  json?: boolean
}

const list = (client: Client, filter: object): Promise<Conflict[]> =>
  listAll(client, {
    of: 'traitConflicts',
    node: conflictSchema,
    fields,
    filter: { type: 'TraitConflictFilter', value: filter },
  })

const briefOf = (one: Conflict) => ({
  conflict: one.id,
  trait: one.trait,
  rule: one.rule,
  state: one.resolution ?? one.state,
  loser: one.loser.id,
  lost: one.withheld ? '(withheld)' : JSON.stringify(one.value),
  winner: one.winner.id,
  stood: one.withheld ? '(withheld)' : JSON.stringify(one.stood),
  times: one.times,
})
