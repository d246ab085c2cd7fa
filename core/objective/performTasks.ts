/**
 * Tasks that are ready are claimed, done by a performer with no transaction open, and committed: the lease and epoch are
 * still ours, then the result, a plan's tasks and what follows in the graph stand together. The database is
 * authoritative for who does what; of a process that is killed the lease runs out, and somebody else does it.
 */
import { claimTasks, type ClaimedTask } from '../../blackboard/query/claimTasks.ts'
import { freeTasks } from '../../blackboard/query/freeTasks.ts'
import { lockObjective } from '../../blackboard/query/lockObjective.ts'
import { listTasks } from '../../blackboard/query/listTasks.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import type { Board } from '../board.ts'
import { asSlateboardError } from '../errors.ts'
import type { Configs } from '../host/configs.ts'
import type { Judged, PluginHost } from '../host/host.ts'
import type { Registry, RunnablePerformer } from '../host/registry.ts'
import { isOwnFault } from '../model/pluginRollout.ts'
import { planningSkill, type TaskOutcome } from '../model/task.ts'
import { report } from '../select/report.ts'
import { trouble } from '../trouble.ts'
import { addTasks, advance, move } from './advance.ts'
import { choosePerformer } from './choosePerformer.ts'
import { endOf, type End } from './endOf.ts'
import { inputOf } from './inputOf.ts'

export interface TaskDeps {
  board: Board
  host: Pick<PluginHost, 'perform'>
  registry: Pick<Registry, 'performers'>
  configs: Pick<Configs, 'ready' | 'of'>
  /** The worker whose lease stands for this process. */
  owner: string
}

/** Tasks that one node does at a time. */
const tasksMax = 8

/** Returns how many tasks it claimed; 0 where none is ready that somebody here can do. */
export async function performTasks(deps: TaskDeps, next: () => number): Promise<number> {
  const { board, owner, registry, configs } = deps
  const now = board.clock.now().toISOString()
  await freeTasks(board.db.sql, { owner, now })
  const performers = configs.ready(registry.performers())
  if (performers.length === 0) return 0
  const offers = performers.map(({ workspaceId, manifest: { skill } }) => ({ workspaceId, skill }))
  const claimed = await claimTasks(board.db.sql, {
    owner,
    now,
    offers: JSON.stringify([
      ...new Map(offers.map((each) => [JSON.stringify(each), each])).values(),
    ]),
    limit: tasksMax,
  })
  await Promise.all(claimed.map((task) => performOne(deps, task, performers, next)))
  if (claimed.length > 0) board.signals.send('audit')
  return claimed.length
}

/** Never rejects: a task that could not be committed is freed with the next look. */
async function performOne(
  deps: TaskDeps,
  task: ClaimedTask,
  performers: readonly RunnablePerformer[],
  next: () => number,
): Promise<void> {
  const { board } = deps
  const own = performers.filter(({ workspaceId }) => workspaceId === task.workspaceId)
  const skills = [...new Set(own.map(({ manifest }) => manifest.skill))].filter(
    (skill) => skill !== planningSkill,
  )
  try {
    const offering = own.filter(({ manifest }) => manifest.skill === task.skill)
    const performer = await choosePerformer(board, task, offering, next)
    const outcome = performer && (await perform(deps, task, performer, skills))
    const end = endOf({ task, performer, outcome, skills, offering, now: board.clock.now() })
    if (await commit(deps, task, end)) await learn(board, task, end)
  } catch (thrown) {
    board.log.warn({ task: task.id, ...trouble(thrown) }, 'a task failed and is tried again')
  }
}

/** @returns undefined when something around the performer failed, such as that its plugin was just replaced */
async function perform(
  { board, host, configs }: TaskDeps,
  task: ClaimedTask,
  performer: RunnablePerformer,
  skills: readonly string[],
): Promise<Judged<TaskOutcome> | undefined> {
  const input = await inputOf(board, task, skills)
  if (input === undefined) return undefined
  const { hostKey, pluginId: plugin, digest, manifest, workspaceId } = performer
  const startedAt = performance.now()
  try {
    const config = configs.of(performer) ?? {}
    return await host.perform(hostKey, manifest.id, { ...input, config })
  } catch (thrown) {
    const { code } = asSlateboardError(thrown)
    board.log.info({ task: task.id, plugin, code }, 'a performer could not be asked')
    return undefined
  } finally {
    board.signals.ran({
      workspaceId,
      plugin,
      agent: manifest.id,
      digest,
      items: 1,
      ms: performance.now() - startedAt,
      failures: [],
      denials: 0,
      bytesOut: 0,
      writes: 0,
      conflicts: 0,
      told: { items: 0, failures: 0 },
    })
  }
}

/** False when the lease was lost, or the objective is over. */
async function commit(
  { board, owner }: TaskDeps,
  { workspaceId, objectiveId, id, leaseEpoch }: ClaimedTask,
  end: End,
): Promise<boolean> {
  const isMine = await transact(board.db, async (tx) => {
    const [objective] = await lockObjective(tx, { workspaceId, id: objectiveId })
    // No round begins before all tasks of the one before have ended.
    const round = objective?.round ?? 0
    const tasks = await listTasks(tx, { workspaceId, objectives: [objectiveId], round })
    const task = tasks.find((each) => each.id === id)
    const holds = task?.state === 'running' && task.leaseOwner === owner
    if (!objective || !holds || task.leaseEpoch !== leaseEpoch) return false
    const now = board.clock.now()
    await move(tx, { workspaceId, objective: objectiveId, now }, [{ id, ...end.move }])
    const place = { workspaceId, objective: objectiveId, round }
    await addTasks(tx, board, place, end.plan, objective.approvesPlans ? 'approval' : 'waiting')
    await advance(tx, board, workspaceId, objective)
    await audit(tx, board, {
      workspaceId,
      actor: end.performer === null ? 'system' : `agent:${end.performer}`,
      action: `task.${end.move.state}`,
      object: `task:${id}`,
      payload: {
        objective: objectiveId,
        key: task.key,
        error: end.code,
        planned: end.plan.length,
      },
    })
    return true
  })
  if (isMine) {
    board.signals.send('task')
    board.signals.count({ what: 'task', state: end.move.state })
  }
  return isMine
}

/** A plan is worth what its round brings, which is learned when that is measured. */
async function learn(
  board: Board,
  { workspaceId, skill: capability, kind }: ClaimedTask,
  { performer: agent, score, code }: End,
): Promise<void> {
  if (agent === null || score === null || (code !== null && !isOwnFault(code))) return
  if (capability === planningSkill && code === null) return
  await report(board, workspaceId, [{ capability, agent, task: { kind, context: [] }, score }])
}
