import { listAgentScores as listMeans } from '../../blackboard/query/listAgentScores.ts'
import {
  compositeOf,
  judgeScore,
  printComposite,
  scoreThresholds,
  type Score,
  type ScoreThresholds,
  type ScoreVerdict,
} from '../model/score.ts'
import { demand, type Reader } from './reader.ts'

/** What an agent's answers were worth lately. */
export interface AgentScoreView extends Score {
  /** `plugin/agent`. */
  agent: string
  composite: number
  /** The composite with two digits, cut. */
  printed: string
  verdict: ScoreVerdict
  /** Outcomes ever; the means go by the latest few hundred. */
  samples: number
}

/** Of the agents named, those that had an outcome. @throws forbidden */
export async function listAgentScores(
  reader: Reader,
  agents: readonly string[],
  thresholds: ScoreThresholds = scoreThresholds,
): Promise<AgentScoreView[]> {
  demand(reader, 'read', 'Plugin')
  const { board, principal } = reader
  const rows = await listMeans(board.db.sql, { workspaceId: principal.workspaceId, agents })
  return rows.map((row) => ({
    ...row,
    composite: compositeOf(row),
    printed: printComposite(row),
    verdict: judgeScore(row, thresholds),
  }))
}
