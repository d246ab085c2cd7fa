/** What a plugin author keeps in `fixtures/`: an input for one agent, the person it is about, and the answer. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fail } from '../errors.ts'
import { channelSchema } from '../model/consent.ts'
import { eventTypes } from '../model/event.ts'
import { intentKindSchema, intentStates } from '../model/intent.ts'
import { jsonObjectSchema, jsonSchema } from '../model/json.ts'
import { objectiveNews } from '../model/objective.ts'
import { purposeSchema } from '../model/purpose.ts'
import { traitKeySchema } from '../model/trait.ts'

const instantSchema = z.iso.datetime({ offset: true })

const authorSchema = z.strictObject({
  kind: z.enum(['source', 'agent', 'principal', 'system']),
  id: z.string().max(200),
})

const causeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('event'),
    id: z.string().max(200).default('event-1'),
    type: z.enum(eventTypes).default('track'),
    name: z.string().max(200).default(''),
    timestamp: instantSchema,
    properties: jsonObjectSchema.default({}),
  }),
  z.strictObject({ kind: z.literal('trait'), key: traitKeySchema, author: authorSchema }),
  z.strictObject({ kind: z.literal('consent'), purpose: purposeSchema, channel: channelSchema }),
  z.strictObject({ kind: z.literal('schedule'), at: instantSchema }),
  z.strictObject({
    kind: z.literal('objective'),
    objective: z.string().max(120),
    state: z.enum(objectiveNews),
    round: z.int().min(1).default(1),
  }),
  z.strictObject({
    kind: z.literal('intent'),
    id: z.string().max(40).default('intent-1'),
    state: z.enum(intentStates).default('open'),
    agent: z.string().max(140),
    intent: intentKindSchema,
    resource: z.string().max(120),
    direction: z.string().max(60).nullable().default(null),
  }),
  z.strictObject({ kind: z.literal('manual') }),
])

const personSchema = z.strictObject({
  /** What the person said, latest word for each purpose and channel. */
  consents: z
    .array(
      z.strictObject({
        purpose: purposeSchema,
        channel: channelSchema,
        decision: z.enum(['granted', 'denied', 'withdrawn']),
      }),
    )
    .max(50)
    .default([]),
  /** Country or region whose law holds, such as DE or US-CA; null where nobody knows: the strictest. */
  jurisdiction: z.string().max(10).nullable().default(null),
  restricted: z.boolean().default(false),
  /** Purposes the person objected to. */
  objections: z.array(purposeSchema).max(20).default([]),
})

const fixtureSchema = z.strictObject({
  agent: z.string().max(60),
  traits: z.record(traitKeySchema, jsonSchema).default({}),
  causes: z
    .array(causeSchema)
    .max(100)
    .default([{ kind: 'manual' }]),
  /** The clock that the agent is shown. */
  now: instantSchema.default('2026-01-01T12:00:00.000Z'),
  person: personSchema.prefault({}),
  /** What was recorded: the outcome, or `{ error: code }`. */
  expect: jsonObjectSchema.optional(),
})

/** One fixture, its defaults filled in. */
export type Fixture = z.infer<typeof fixtureSchema>

export interface NamedFixture {
  /** File name without `.json`. */
  name: string
  fixture: Fixture
}

const fixturesMax = 500
const folderName = 'fixtures'

/**
 * All fixtures of a plugin folder by name; none where it has no such folder.
 *
 * @throws fixture_invalid naming file, place and reason
 */
export async function readFixtures(folder: string): Promise<NamedFixture[]> {
  const entries = await readdir(join(folder, folderName), { withFileTypes: true }).catch(
    (thrown: unknown) => {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return []
      throw thrown
    },
  )
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map(({ name }) => name)
    .toSorted()
    .slice(0, fixturesMax)
  return Promise.all(
    files.map(async (file) => ({
      name: file.replace(/\.json$/, ''),
      fixture: parseFixture(file, await readFile(join(folder, folderName, file), 'utf8')),
    })),
  )
}

export function parseFixture(file: string, text: string): Fixture {
  const read = fixtureSchema.safeParse(parsed(file, text))
  if (read.success) return read.data
  const [issue] = read.error.issues
  const path = issue?.path.map(String).join('.') || 'the file'
  throw fail('fixture_invalid', { file, reason: `${path}: ${issue?.message ?? 'it does not fit'}` })
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw fail('fixture_invalid', { file, reason: 'it is not JSON' }, cause)
  }
}

/** Writes the answer of now into the fixture's file; the rest of the file stays as its author wrote it. */
export async function recordAnswer(folder: string, name: string, answer: object): Promise<void> {
  const file = join(folder, folderName, `${name}.json`)
  const written = jsonObjectSchema.parse(parsed(name, await readFile(file, 'utf8')))
  await writeFile(file, `${JSON.stringify({ ...written, expect: answer }, null, 2)}\n`)
}
