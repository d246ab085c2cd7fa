import type { Report } from '../figure.ts'
import type { Learner } from './learner.ts'
import { createLinUcb } from './linUcb.ts'
import { createOurs } from './ours.ts'
import { drawAgent, drawTask, qualityExpected, streamOf } from './world.ts'

const agentCount = 10
const tasks = 3000

/** Choices a second and core, each with what is learned of it, among 10 agents. */
export function reportCost(report: Report): void {
  const value = rateOf(createOurs(streamOf(1, 7)))
  const beside = rateOf(createLinUcb(0.25, true))
  report({
    bench: 'selection',
    figure: `choices with what is learned of them, ${agentCount} agents`,
    value,
    unit: '/s',
    engine: 'pure',
    baseline: `LinUCB by kind (${Math.round(beside)})`,
    ratio: value / beside,
  })
}

function rateOf(learner: Learner): number {
  const agents = Array.from({ length: agentCount }, (_, n) =>
    drawAgent(`agent-${n}`, streamOf(1, 1, n)),
  )
  const candidates = agents.map(({ id, efficiency }) => ({ agent: id, efficiency }))
  let began = 0
  for (let n = 0; n < 2 * tasks; n += 1) {
    // The first half warms up.
    if (n === tasks) began = performance.now()
    const task = drawTask(n, streamOf(1, 2, n))
    const at = learner.choose(task, candidates)
    const [agent, candidate] = [agents[at], candidates[at]]
    if (agent && candidate) learner.learn(task, candidate, qualityExpected(agent, task))
  }
  return tasks / ((performance.now() - began) / 1000)
}
