import { listObjectives as list, type ObjectiveRow } from '../../blackboard/query/listObjectives.ts'
import { listTasks, type TaskRow } from '../../blackboard/query/listTasks.ts'
import { listInService } from '../host/inService.ts'
import { whyItWaits } from '../model/task.ts'
import { demand, type Reader } from './reader.ts'

export type { ObjectiveRow }

/** A task as people see it. */
export interface TaskView extends TaskRow {
  /** Why it waits and what to do, in a sentence; null where it only waits for its turn, or is over. */
  reason: string | null
}

const objectivesMax = 100

/** The newest, or the one of that id. @throws forbidden */
export function listObjectives(reader: Reader, id?: string): Promise<ObjectiveRow[]> {
  demand(reader, 'read', 'Objective')
  const { workspaceId } = reader.principal
  const ids = id === undefined ? null : [id]
  return list(reader.board.db.sql, { workspaceId, ids, limit: objectivesMax })
}

/** The tasks of each objective, in the order in which they were planned. @throws forbidden */
export async function listTasksOf(
  reader: Reader,
  objectives: readonly string[],
): Promise<TaskView[][]> {
  demand(reader, 'read', 'Objective')
  const { workspaceId } = reader.principal
  const { sql } = reader.board.db
  const [rows, plugins] = await Promise.all([
    listTasks(sql, { workspaceId, objectives, round: null }),
    listInService(sql, workspaceId),
  ])
  const offered = new Set(
    plugins
      .filter(({ state }) => state === 'active')
      .flatMap(({ manifest }) => manifest.performers.map(({ skill }) => skill)),
  )
  const views = rows.map((row) => ({ ...row, reason: whyItWaits(row, offered.has(row.skill)) }))
  const byObjective = Map.groupBy(views, ({ objectiveId }) => objectiveId)
  return objectives.map((id) => byObjective.get(id) ?? [])
}
