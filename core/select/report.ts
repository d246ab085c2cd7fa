import { addOutcomes } from '../../blackboard/query/addOutcomes.ts'
import { parseInput } from '../admin/parseInput.ts'
import type { Board } from '../board.ts'
import { qualityOf, type Score } from '../model/score.ts'
import { outcomesSchema, type Evidence, type Outcome } from '../model/selection.ts'
import { addOutcome, noEvidence } from './evidence.ts'
import { featuresOf } from './feature.ts'
import { selectorSettings, type SelectorSettings } from './settings.ts'
import { packSums } from './sums.ts'

/**
 * Adds what came of tasks, the earliest first, to what the next choices are made from. One statement of its own,
 * whatever the number of outcomes; of reports that meet on an agent one waits for the other, so it is no part of a
 * reaction's transaction.
 *
 * @throws bad_input of the first outcome that is not one; then nothing is added
 */
export async function report(
  board: Pick<Board, 'db' | 'clock'>,
  workspaceId: number,
  outcomes: readonly Outcome[],
  settings: SelectorSettings = selectorSettings,
): Promise<void> {
  const rows = sumUp(parseInput(outcomesSchema, outcomes), settings)
  if (rows.length === 0) return
  await addOutcomes(board.db.sql, {
    workspaceId,
    rows: JSON.stringify(rows),
    keep: settings.keep,
    keepUnchosen: settings.keepUnchosen,
    at: board.clock.now().toISOString(),
  })
}

/** One row for each capability, kind and agent. */
function sumUp(outcomes: readonly Outcome[], settings: SelectorSettings) {
  const groups = Map.groupBy(outcomes, ({ capability, agent, task }) =>
    JSON.stringify([capability, task.kind, agent]),
  )
  return [...groups.values()].flatMap((group) => {
    const last = group.at(-1)
    if (!last) return []
    const { capability, agent, task } = last
    const { evidence, scores } = evidenceIn(group, task.context.length, settings)
    return {
      capability,
      kind: task.kind,
      agent,
      outcomes: group.length,
      sums: packSums(evidence, scores),
    }
  })
}

const noScore: Score = { relevance: 0, completeness: 0, confidence: 0 }

/** Of outcomes of one agent; those of tasks of another shape than the last count as forgotten. */
function evidenceIn(
  group: readonly Outcome[],
  contextSize: number,
  settings: SelectorSettings,
): { evidence: Evidence; scores: Score } {
  let evidence = noEvidence('', contextSize + 1)
  let scores = noScore
  for (const { task, score, reward = qualityOf(score) } of group) {
    if (task.context.length !== contextSize) continue
    evidence = addOutcome(evidence, featuresOf(task.context), reward, settings)
    scores = addScore(scores, score, settings.keep)
  }
  return { evidence, scores }
}

const addScore = (sum: Score, score: Score, keep: number): Score => ({
  relevance: keep * sum.relevance + score.relevance,
  completeness: keep * sum.completeness + score.completeness,
  confidence: keep * sum.confidence + score.confidence,
})
