/** Baselines that do not look at the task, or do not learn. */
import { efficiencyFor } from '../../../core/model/selection.ts'
import type { Random } from '../../../api/demo/random.ts'
import { greatest, type Learner } from './learner.ts'

export function createRandomly(random: Random): Learner {
  const any: Learner['choose'] = (_, agents) => random.between(0, agents.length - 1)
  return {
    choose: any,
    learn: () => undefined,
    best: (task, agents) => ({ at: any(task, agents) }),
  }
}

export function createInTurn(): Learner {
  let turn = 0
  const next: Learner['choose'] = (_, agents) => (turn += 1) % agents.length
  return {
    choose: next,
    learn: () => undefined,
    best: (task, agents) => ({ at: next(task, agents) }),
  }
}

/** Always the agent that is best over all tasks, which it is told: the best that any fixed choice could come to. */
export function createStatic(bestOverall: () => number): Learner {
  return { choose: bestOverall, learn: () => undefined, best: () => ({ at: bestOverall() }) }
}

/** Who says that it does such tasks best. */
export function createDeclared(): Learner {
  const declared: Learner['choose'] = ({ kind }, agents) =>
    greatest(agents.map(({ efficiency }) => efficiencyFor(efficiency, kind)))
  return {
    choose: declared,
    learn: () => undefined,
    best: (task, agents) => ({ at: declared(task, agents) }),
  }
}
