/** What the audit log has gained, in lines for a reader. */
import { z } from 'zod'
import { parseLine } from '../../core/audit/line.ts'
import { jsonSchema, type Json } from '../../core/model/json.ts'
import type { Client } from '../cli/client.ts'
import { decodeId } from '../graph/id.ts'
import type { Scenario } from './scenario.ts'

export interface Transcript {
  /** Lines of what was done since the last call: subject by subject, agent by agent, then the gate and what left. */
  next(): Promise<string[]>
}

export function createTranscript(
  client: Client,
  { subjects, cast }: Pick<Scenario, 'subjects' | 'cast'>,
): Transcript {
  const order = [...cast, 'person', 'gate', 'dispatch', 'agenda']
  let after = 0
  return {
    async next() {
      const known = await Promise.all(subjects.map((userId) => lookUp(client, userId)))
      const told = new Map(known.flatMap((one) => (one ? [[one.profileId, one]] : [])))
      const text = await client.read(`/audit/entries?after=${after}`)
      const notes: Note[] = []
      for (const [at, line] of text.split('\n').filter(Boolean).entries()) {
        const parsed = parseLine(line, at + 1)
        if (!('entry' in parsed)) continue
        after = parsed.entry.seq
        notes.push(...notesOf(parsed.entry, told))
      }
      const waiting = await waitingOf(client)
      return subjects.flatMap((userId) => {
        const profileId = known.find((one) => one?.userId === userId)?.profileId
        return [...notes, ...waiting]
          .filter((note) => note.profileId === profileId)
          .toSorted(byRank(order))
          .map(({ who, what }) => `${userId.padEnd(8)} ${who.padEnd(10)} ${what}`)
      })
    },
  }
}

/** Of the gate and the dispatcher, who take several messages at once, by what they say. */
const byRank =
  (order: readonly string[]) =>
  (one: Note, other: Note): number =>
    order.indexOf(one.who) - order.indexOf(other.who) ||
    (order.indexOf(one.who) < order.indexOf('gate') ? 0 : one.what.localeCompare(other.what, 'en'))

interface Subject {
  userId: string
  profileId: string
  /** Values as they stand now. */
  traits: ReadonlyMap<string, { value: Json; revision: number }>
}

/** One line: of whom, who did it, and what. */
interface Note {
  profileId: string
  who: string
  what: string
}

const subjectSchema = z.object({
  profile: z
    .object({
      id: z.string(),
      traits: z.array(z.object({ key: z.string(), value: jsonSchema, revision: z.int() })),
    })
    .nullable(),
})

async function lookUp(client: Client, userId: string): Promise<Subject | undefined> {
  const { profile } = await client.ask(
    subjectSchema,
    `query ($value: String!) { profile(by: { namespace: "user_id", value: $value }) {
      id traits { key value revision } } }`,
    { value: userId },
  )
  if (!profile) return undefined
  const traits = new Map(profile.traits.map(({ key, ...trait }) => [key, trait]))
  return { userId, profileId: decodeId(profile.id).id, traits }
}

const reactSchema = z.object({
  reactions: z.array(
    z.object({
      profile: z.string(),
      wrote: z.record(z.string(), z.int()),
      proposed: z.array(z.string()),
      held: z.int().default(0),
      dropped: z.int().default(0),
    }),
  ),
})

const activationSchema = z.object({
  profile: z.string(),
  purpose: z.string().default(''),
  channel: z.string().default(''),
  reason: z.string().nullish(),
})

function notesOf(
  { actor, action, payload }: { actor: string; action: string; payload: string },
  told: ReadonlyMap<string, Subject>,
): Note[] {
  if (action === 'react') return reactionNotes(actor, JSON.parse(payload), told)
  const [kind, step = '', word = ''] = action.split('.')
  if (kind !== 'activation') return []
  const {
    profile: profileId,
    purpose,
    channel,
    reason,
  } = activationSchema.parse(JSON.parse(payload))
  const of = `${purpose} by ${channel}`
  if (step === 'approve') return [{ profileId, who: 'person', what: 'approves it' }]
  if (step === 'delivery') return [{ profileId, who: 'dispatch', what: `${word}: ${of}` }]
  // That a dispatch asked again and heard the same is no news.
  if (step === 'dispatch' && word === 'allow') return []
  const why = reason === 'allowed' ? '' : ` (${reason})`
  return [{ profileId, who: 'gate', what: `${word}: ${of}${why}` }]
}

function reactionNotes(
  actor: string,
  payload: unknown,
  told: ReadonlyMap<string, Subject>,
): Note[] {
  const who = actor.split('/').at(-1) ?? actor
  return reactSchema.parse(payload).reactions.flatMap((reaction) => {
    const traits = told.get(reaction.profile)?.traits
    const said = [
      ...Object.entries(reaction.wrote).map(([key, revision]) => {
        const trait = traits?.get(key)
        if (trait === undefined) return `takes ${key} away`
        return trait.revision === revision ? `${key} = ${textOf(trait.value)}` : `writes ${key}`
      }),
      // A hold that is set takes the place of the one before, so both are counted.
      ...(reaction.held > 0 ? ['sets a hold'] : []),
      ...(reaction.held === 0 && reaction.dropped > 0 ? ['lifts its hold'] : []),
      ...reaction.proposed.map(() => 'proposes a message'),
    ]
    return said.map((what) => ({ profileId: reaction.profile, who, what }))
  })
}

/** `{ level: low, left: 2 }`, as a person would write it down. */
function textOf(value: Json): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${textOf(inner)}`)
  return `{ ${entries.join(', ')} }`
}

const waitingSchema = z.object({
  reactions: z.object({
    edges: z.array(z.object({ node: z.object({ agent: z.string(), profile: z.string() }) })),
  }),
})

/** Reactions that are on the agenda and not at their turn yet. */
async function waitingOf(client: Client): Promise<Note[]> {
  const { reactions } = await client.ask(
    waitingSchema,
    '{ reactions(first: 50) { edges { node { agent profile } } } }',
  )
  return reactions.edges.map(({ node }) => ({
    profileId: decodeId(node.profile).id,
    who: 'agenda',
    what: `${node.agent.split('/').at(-1)} waits`,
  }))
}
