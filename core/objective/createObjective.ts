import { insertObjective } from '../../blackboard/query/insertObjective.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { isReached, objectiveInputSchema, type ObjectiveInput } from '../model/objective.ts'
import { demand, type Reader } from '../read/reader.ts'
import { addTasks, planning } from './advance.ts'
import { announce } from './announce.ts'
import { demandMeasurable, measure } from './measure.ts'

/**
 * Sets an objective and has a plan made for it, as soon as it runs. It is measured at once: that is its baseline.
 *
 * @throws forbidden, bad_input, objective_unmeasured, objective_reached
 */
export async function createObjective(reader: Reader, given: unknown): Promise<string> {
  demand(reader, 'administer', 'Objective')
  const input = parseInput(objectiveInputSchema, given)
  const { board, principal } = reader
  const { workspaceId } = principal
  demandMeasurable(input, reader.definitions)
  if (input.deadline <= board.clock.now())
    throw fail('bad_input', { path: 'deadline', reason: 'it has passed' })
  const baseline = await measure(board, { workspaceId, ...input })
  const aim = aimOf(input, baseline)
  const id = board.clock.id()
  await transact(board.db, async (tx) => {
    const by = `principal:${principal.id}`
    const state = input.isDraft ? 'draft' : 'running'
    await insertObjective(tx, {
      workspaceId,
      id,
      ...input,
      ...aim,
      metric: JSON.stringify(input.metric),
      brief: JSON.stringify(input.brief),
      deadline: input.deadline.toISOString(),
      baseline,
      state,
      by,
      at: board.clock.now().toISOString(),
    })
    if (state === 'running')
      await announce(tx, board, workspaceId, { id, name: input.name, round: 1 }, 'started')
    await addTasks(tx, board, { workspaceId, objective: id, round: 1 }, [planning], 'ready')
    await audit(tx, board, {
      workspaceId,
      actor: by,
      action: 'objective.create',
      object: `objective:${id}`,
      payload: { name: input.name, purpose: input.purpose, state, baseline, ...aim },
    })
  })
  board.signals.send('task')
  board.signals.send('audit')
  return id
}

/** @throws objective_unmeasured, objective_reached */
function aimOf(
  { target, changeBy, direction }: ObjectiveInput,
  baseline: number | null,
): { target: number; direction: 'up' | 'down' } {
  if (changeBy !== undefined && baseline === null) throw fail('objective_unmeasured')
  const aim =
    changeBy === undefined
      ? { target: target ?? 0, direction }
      : {
          target: (baseline ?? 0) * (1 + changeBy),
          direction: changeBy > 0 ? ('up' as const) : ('down' as const),
        }
  if (isReached(aim, baseline)) throw fail('objective_reached', { baseline: baseline ?? 0, ...aim })
  return aim
}
