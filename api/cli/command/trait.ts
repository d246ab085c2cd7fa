import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
import { listAll } from '../listAll.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'
import { readDocument } from './policyFile.ts'

interface Options {
  json?: boolean
}

const fields = `key version registered dataClass schema purposes owner owners description conflictRule
  mergeRule freshnessMs ttlMs firstSource firstSeenAt sealing { done dropped profiles changes events }`

const sealingSchema = z.object({
  done: z.boolean(),
  dropped: z.boolean(),
  profiles: z.number(),
  changes: z.number(),
  events: z.number(),
})
const definitionSchema = z.object({
  key: z.string(),
  version: z.number(),
  registered: z.boolean(),
  dataClass: z.string().toLowerCase(),
  schema: z.json().nullable(),
  purposes: z.array(z.string()),
  owner: z.string().nullable(),
  owners: z.array(z.string()),
  description: z.string(),
  conflictRule: z.string().toLowerCase(),
  mergeRule: z.string().toLowerCase(),
  freshnessMs: z.number().nullable(),
  ttlMs: z.number().nullable(),
  firstSource: z.string().nullable(),
  firstSeenAt: z.string(),
  sealing: sealingSchema.nullable(),
})
type Definition = z.infer<typeof definitionSchema>

const versionSchema = z.object({
  version: z.number(),
  dataClass: z.string().toLowerCase(),
  author: z.string(),
  reason: z.string(),
  at: z.string(),
})

export function addTrait(program: Command, table: CommandTable): void {
  const trait = program
    .command('trait')
    .description('what is known of people, and how it is classed')

  trait
    .command('list')
    .description('list traits with their class and what they may be used for')
    .option('--unclassified', 'only those that arrived and nobody has classified')
    .option('--json', 'print JSON')
    .action((options: Options & { unclassified?: boolean }) => list(table, options))

  trait
    .command('show <key>')
    .description('show the definition of a trait and its history; --json prints what define takes')
    .option('--json', 'print JSON')
    .action((key: string, options: Options) => showOne(table, key, options))

  trait
    .command('define <file-or-json>')
    .description('register a trait, or the next version of its definition')
    .option('--reason <text>', 'why, for those who read the history')
    .option('--json', 'print JSON')
    .action((given: string, { reason, ...options }: Options & { reason?: string }) =>
      define(table, given, reason, options),
    )
}

const briefOf = ({
  key,
  version,
  registered,
  dataClass,
  purposes,
  owner,
  sealing,
}: Definition) => ({
  trait: key,
  class: registered ? dataClass : `${dataClass}?`,
  purposes,
  owner,
  version,
  sealing:
    !sealing || sealing.dropped ? null : sealing.done ? 'done' : `${sealing.profiles} profiles`,
})

async function list(
  table: CommandTable,
  { unclassified, ...options }: Options & { unclassified?: boolean },
): Promise<void> {
  await using client = await table.openClient()
  const found = await listAll(client, {
    of: 'traitDefinitions',
    node: definitionSchema,
    fields,
    filter: { type: 'TraitDefinitionFilter', value: unclassified ? { registered: false } : {} },
  })
  if (options.json) table.write(JSON.stringify(found, null, 2))
  else show(table, options, found.map(briefOf))
}

async function showOne(table: CommandTable, key: string, options: Options): Promise<void> {
  await using client = await table.openClient()
  const { traitDefinition } = await client.ask(
    z.object({
      traitDefinition: definitionSchema.extend({ history: z.array(versionSchema) }).nullable(),
    }),
    `query ($key: String!) { traitDefinition(key: $key) {
      ${fields} history { version dataClass author reason at } } }`,
    { key },
  )
  if (!traitDefinition) throw fail('not_found', { what: `trait ${key}` })
  const { history, ...definition } = traitDefinition
  if (options.json) {
    table.write(JSON.stringify(traitDefinition, null, 2))
    return
  }
  for (const [name, value] of Object.entries(definition)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    table.write(`${name.padEnd(14)}${text}`)
  }
  show(table, options, history)
}

/** What a definition says; `trait show --json` prints more, which defining leaves out again. */
const writable = [
  'key',
  'version',
  'dataClass',
  'schema',
  'purposes',
  'owners',
  'description',
  'conflictRule',
  'mergeRule',
  'freshnessMs',
  'ttlMs',
  'reason',
] as const
const readOnly: ReadonlySet<string> = new Set([
  'registered',
  'owner',
  'firstSource',
  'firstSeenAt',
  'sealing',
  'history',
])

async function define(
  table: CommandTable,
  given: string,
  reason: string | undefined,
  options: Options,
): Promise<void> {
  const input = inputOf(given.trimStart().startsWith('{') ? parseText(given) : readDocument(given))
  await using client = await table.openClient()
  const { defineTrait } = await client.ask(
    z.object({
      defineTrait: z.object({
        definition: definitionSchema.nullable(),
        examined: z.number(),
        contradicted: z.number(),
        errors: userErrors,
      }),
    }),
    `mutation ($input: DefineTraitInput!) { defineTrait(input: $input) {
      definition { ${fields} } examined contradicted ${errorFields} } }`,
    { input: { ...input, ...(reason === undefined ? {} : { reason }) } },
  )
  refuseErrors(defineTrait.errors)
  const { definition, examined, contradicted } = defineTrait
  if (options.json) table.write(JSON.stringify(definition, null, 2))
  else show(table, options, definition ? [briefOf(definition)] : [])
  if (contradicted > 0 && !options.json) {
    table.write(
      `Of ${examined} values that were looked at, ${contradicted} do not fit the schema. They stay until they are written again.`,
    )
  }
}

function inputOf(document: unknown): Record<string, unknown> {
  const read = z.record(z.string(), z.unknown()).safeParse(document)
  if (!read.success)
    throw fail('bad_input', { path: 'the definition', reason: 'it is no JSON object' })
  const entries = Object.entries(read.data).filter(([name]) => !readOnly.has(name))
  const stranger = entries.find(([name]) => !writable.some((known) => known === name))
  if (stranger) {
    const reason = `a definition has no such key; it has ${writable.join(', ')}`
    throw fail('bad_input', { path: stranger[0], reason })
  }
  return Object.fromEntries(
    entries.map(([name, value]) => [name, enums.has(name) ? upperOf(value) : value]),
  )
}

/** GraphQL writes them in capitals, and people as in the rest of the product. */
const enums: ReadonlySet<string> = new Set(['dataClass', 'conflictRule', 'mergeRule'])
const upperOf = (value: unknown): unknown =>
  typeof value === 'string' ? value.toUpperCase() : value

function parseText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw fail('bad_input', { path: 'the definition', reason: 'it is not JSON' }, cause)
  }
}
