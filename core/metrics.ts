import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { countAgenda } from '../blackboard/query/countAgenda.ts'
import type { Board } from './board.ts'

/** What `/metrics` shows. Labels are names of ours, never a person's data. */
export interface Metrics {
  registry: Registry
  policyErrors: Counter
  requests: Histogram<'method' | 'route' | 'status'>
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
    requests: new Histogram({
      name: 'slateboard_http_request_seconds',
      help: 'Time to answer a request, in seconds.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
  }
}
