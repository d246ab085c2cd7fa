import { report } from '../../core/select/report.ts'
import type { TestApp } from './app.ts'

/** An agent was chosen once, and did well. */
export const reportOutcome = (app: TestApp, agent: string): Promise<void> =>
  report(app.board, app.workspaceId, [
    {
      capability: 'test',
      agent,
      task: { kind: 'test', context: [] },
      score: { relevance: 0.9, completeness: 0.8, confidence: 0.7 },
    },
  ])
