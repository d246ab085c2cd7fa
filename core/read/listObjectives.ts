import { listObjectives as list, type ObjectiveRow } from '../../blackboard/query/listObjectives.ts'
import { listTasks, type TaskRow } from '../../blackboard/query/listTasks.ts'
import { demand, type Reader } from './reader.ts'

export type { ObjectiveRow, TaskRow }

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
): Promise<TaskRow[][]> {
  demand(reader, 'read', 'Objective')
  const { workspaceId } = reader.principal
  const rows = await listTasks(reader.board.db.sql, { workspaceId, objectives })
  const byObjective = Map.groupBy(rows, ({ objectiveId }) => objectiveId)
  return objectives.map((id) => byObjective.get(id) ?? [])
}
