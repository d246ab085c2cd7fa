import type { Evidence } from '../../../core/model/selection.ts'
import { learn, pick } from '../../../core/select/pick.ts'
import type { Random } from '../../../api/demo/random.ts'
import { contextOf, type Learner } from './learner.ts'
import type { SimTask } from './world.ts'

export function createOurs(random: Random): Learner {
  const known = new Map<string, Evidence[]>()
  const asTask = (task: SimTask) => ({ kind: task.kind, context: contextOf(task) })
  const taken = (
    task: SimTask,
    agents: Parameters<Learner['best']>[1],
    next: Parameters<typeof pick>[3],
  ) => {
    const picked = pick(agents, asTask(task), known.get(task.kind) ?? [], next)
    const at = agents.findIndex(({ agent }) => agent === picked?.choice.agent)
    return { at, confidence: picked?.choice.confidence ?? 0 }
  }
  return {
    choose: (task, agents) => taken(task, agents, random.next).at,
    learn: (task, { agent }, reward) =>
      void known.set(task.kind, learn(known.get(task.kind) ?? [], agent, asTask(task), reward)),
    best: (task, agents) => taken(task, agents, null),
  }
}
