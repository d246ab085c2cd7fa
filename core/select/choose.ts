import { listOutcomes } from '../../blackboard/query/listOutcomes.ts'
import { parseInput } from '../admin/parseInput.ts'
import type { Board } from '../board.ts'
import { questionSchema, type Question } from '../model/selection.ts'
import { pick, type Picked } from './pick.ts'
import { selectorSettings, type SelectorSettings } from './settings.ts'
import { unpackSums } from './sums.ts'

/**
 * Which of the candidates does the task, by what came of earlier ones; null where there is no candidate. It reads one
 * row a candidate and writes nothing: what comes of it is for `report`.
 *
 * @param next uniform in [0, 1), to try now and then what is doubted; null to take the best that is known
 * @throws bad_input
 * @example const picked = await choose(board, workspaceId, { capability: 'subject-line', candidates, task }, Math.random)
 */
export async function choose(
  board: Pick<Board, 'db'>,
  workspaceId: number,
  question: Question,
  next: (() => number) | null,
  settings: SelectorSettings = selectorSettings,
): Promise<Picked | null> {
  const { capability, task, candidates } = parseInput(questionSchema, question)
  const rows = await listOutcomes(board.db.sql, { workspaceId, capability, kind: task.kind })
  return pick(candidates, task, rows.map(unpackSums), next, settings)
}
