import { listAgentScores } from '../../blackboard/query/listAgentScores.ts'
import type { ClaimedTask } from '../../blackboard/query/claimTasks.ts'
import type { Board } from '../board.ts'
import type { RunnablePerformer } from '../host/registry.ts'
import { judgeScore } from '../model/score.ts'
import { choose } from '../select/choose.ts'

/** Outcomes before a performer's score may count against it. */
export const samplesMin = 20

/**
 * Who of those that offer the skill does the task: by what each says of itself and what came of earlier ones. Who failed
 * at this very task for good, and whose score says that others should do its work, is asked only where there is nobody else; who failed at it once is asked again first.
 *
 * @param next uniform in [0, 1)
 */
export async function choosePerformer(
  board: Pick<Board, 'db'>,
  task: Pick<ClaimedTask, 'workspaceId' | 'skill' | 'kind' | 'performer' | 'tried' | 'attempts'>,
  offering: readonly RunnablePerformer[],
  next: () => number,
): Promise<RunnablePerformer | undefined> {
  const { workspaceId, skill: capability, kind, performer, tried, attempts } = task
  const fresh = ifAny(offering, ({ name }) => !tried.includes(name))
  const former = attempts > 1 ? fresh.find(({ name }) => name === performer) : undefined
  if (former) return former
  const scores = await listAgentScores(board.db.sql, {
    workspaceId,
    agents: fresh.map(({ name }) => name),
  })
  const replaced = new Set(
    scores.flatMap((score) =>
      score.samples >= samplesMin && judgeScore(score) === 'replaced' ? [score.agent] : [],
    ),
  )
  const candidates = ifAny(fresh, ({ name }) => !replaced.has(name))
  const question = {
    capability,
    task: { kind, context: [] },
    candidates: candidates.map(({ name: agent, manifest: { efficiency } }) => ({
      agent,
      efficiency,
    })),
  }
  const picked = await choose(board, workspaceId, question, next)
  return candidates.find(({ name }) => name === picked?.choice.agent)
}

/** Those that it holds of; all where it holds of none. */
function ifAny<Item>(items: readonly Item[], holds: (item: Item) => boolean): readonly Item[] {
  const some = items.filter(holds)
  return some.length > 0 ? some : items
}
