import type { TransactionSql } from 'postgres'
import { z } from 'zod'
import { dropReactions as drop } from '../../blackboard/query/dropReactions.ts'
import { freeReactions, type ReactionKey } from '../../blackboard/query/freeReactions.ts'
import type { AskedReactions } from '../../blackboard/reactions.ts'
import { transact } from '../../blackboard/transact.ts'
import { fail } from '../errors.ts'
import { parkedReasons } from '../model/reaction.ts'
import { askedOf } from '../read/listReactions.ts'
import { demand, type Reader } from '../read/reader.ts'
import { audit } from './audit.ts'
import { parseInput } from './parseInput.ts'

/** Rows that one transaction changes: a hundred thousand in one would hold up everything that wakes these agents. */
const batchMax = 5000
const keysMax = 1000

const choiceSchema = {
  keys: z
    .array(z.strictObject({ profileId: z.string(), agent: z.string() }))
    .min(1, 'name at least one')
    .max(keysMax, `name at most ${keysMax}, or choose by agent or reason`)
    .nullish(),
  agent: z.string().max(200).nullish(),
  parked: z.enum(parkedReasons).nullish(),
}
const releaseSchema = z.strictObject(choiceSchema)
const dropSchema = z.strictObject({
  ...choiceSchema,
  /** Why; it stands in the audit log, so nothing of a person belongs there. */
  reason: z.string().trim().min(1, 'say why').max(200),
})

/**
 * Puts parked reactions back into the order, as if for the first time; the next claim may take them. What is not
 * parked is passed over.
 *
 * @param given which: `{ keys }`, or `{ agent, parked }` with at least one of both
 * @returns how many
 * @throws forbidden, bad_input
 */
export async function releaseReactions(reader: Reader, given: unknown): Promise<number> {
  demand(reader, 'administer', 'Plugin')
  const asked = choiceOf(parseInput(releaseSchema, given))
  const act = { action: 'reaction.release', act: 'released' } as const
  const count = await walk(reader, { ...act, payload: {} }, (tx, after) =>
    freeReactions(tx, { ...placeOf(reader, after), asked }),
  )
  if (count > 0) reader.board.signals.send('agenda')
  return count
}

/**
 * Takes reactions off the agenda for good, whether they wait or are parked; one that runs is passed over. What
 * happens next wakes their agents as ever.
 *
 * @param given as for `releaseReactions`, and `reason`
 * @returns how many
 * @throws forbidden, bad_input
 */
export async function dropReactions(reader: Reader, given: unknown): Promise<number> {
  demand(reader, 'administer', 'Plugin')
  const { reason, ...choice } = parseInput(dropSchema, given)
  const asked = choiceOf(choice)
  const act = { action: 'reaction.drop', act: 'dropped' } as const
  return walk(reader, { ...act, payload: { reason } }, (tx, after) =>
    drop(tx, { ...placeOf(reader, after), asked }),
  )
}

const placeOf = ({ principal: { workspaceId } }: Reader, after: ReactionKey) => ({
  workspaceId,
  after,
  limit: batchMax,
})

/** @throws bad_input for a choice that would take everything, or that says the same twice */
function choiceOf({ keys, agent, parked }: z.infer<typeof releaseSchema>): AskedReactions {
  const isByFilter = (agent ?? parked ?? null) !== null
  if ((keys ?? null) === null ? isByFilter : !isByFilter) {
    return { ...askedOf({ agent, parked }), keys: keys ?? null }
  }
  throw fail('bad_input', { path: 'input', reason: 'give either ids, or an agent or a reason' })
}

interface Changed extends ReactionKey {
  state?: string
  parked: string | null
}

interface Act {
  action: string
  act: 'released' | 'dropped'
  payload: { reason?: string }
}

/** In the order of the keys, so that each row is met once although what is released may be parked again meanwhile. */
async function walk(
  { board, principal: { id, workspaceId } }: Reader,
  { action, act, payload }: Act,
  change: (tx: TransactionSql, after: ReactionKey) => Promise<Changed[]>,
): Promise<number> {
  let total = 0
  let after: ReactionKey = { profileId: '', agent: '' }
  for (;;) {
    const rows = await transact(board.db, async (tx) => {
      const changed = await change(tx, after)
      for (const [agent, counts] of changed.length > 0 ? countsByAgent(changed) : []) {
        await audit(tx, board, {
          workspaceId,
          actor: `principal:${id}`,
          action,
          object: `agent:${agent}`,
          payload: { ...payload, ...counts },
        })
      }
      return changed
    })
    total += rows.length
    for (const [reason, { length: count }] of Map.groupBy(rows, standingOf)) {
      board.signals.count({ what: 'agenda', act, reason, count })
    }
    if (rows.length < batchMax) break
    after = rows.reduce((last, row) => (isBeyond(row, last) ? row : last), after)
  }
  if (total > 0) board.signals.send('audit')
  return total
}

/** As it stood before: the reason of a parked one, else the state. */
const standingOf = ({ state, parked }: Changed): string => parked ?? state ?? 'parked'

const countsByAgent = (rows: readonly Changed[]): Map<string, Record<string, number>> =>
  new Map(
    [...Map.groupBy(rows, ({ agent }) => agent)].map(([agent, own]) => [
      agent,
      Object.fromEntries(
        [...Map.groupBy(own, standingOf)].map(([standing, { length }]) => [standing, length]),
      ),
    ]),
  )

const isBeyond = (one: ReactionKey, other: ReactionKey): boolean =>
  one.profileId === other.profileId ? one.agent > other.agent : one.profileId > other.profileId
