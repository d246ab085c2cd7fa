import { Counter, Gauge, Registry } from 'prom-client'
import { countAgenda } from '../blackboard/query/countAgenda.ts'
import type { Board } from './board.ts'

/** What `/metrics` shows. Labels are names of ours, never a person's data. */
export interface Metrics {
  registry: Registry
  policyErrors: Counter
}

export function createMetrics({ db }: Board): Metrics {
  const registry = new Registry()
  const registers = [registry]
  new Gauge({
    name: 'slateboard_agenda_reactions',
    help: 'Reactions on the agenda by state.',
    labelNames: ['state'],
    registers,
    async collect() {
      const [counts] = await countAgenda(db.sql, {})
      for (const [state, count] of Object.entries(counts ?? {})) this.set({ state }, count)
    },
  })
  return {
    registry,
    policyErrors: new Counter({
      name: 'slateboard_policy_errors_total',
      help: 'Policy rules and gate checks that failed to evaluate; each was a refusal.',
      registers,
    }),
  }
}
