import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { countAgenda } from '../blackboard/query/countAgenda.ts'
import { countSubjectRequests } from '../blackboard/query/countSubjectRequests.ts'
import { countBrokenGlass } from '../blackboard/query/countBrokenGlass.ts'
import { countOverdueFollowUps } from '../blackboard/query/countOverdueFollowUps.ts'
import type { Board } from './board.ts'
import { isDenialCode } from './egress/deny.ts'
import { overdueTries } from './model/followUp.ts'
import { parkedReasons, reactionStates } from './model/reaction.ts'
import type { PluginHost } from './host/host.ts'
import { watchAgents } from './plugin/agentMetrics.ts'
import { watchPlugins } from './plugin/metrics.ts'
import type { Worker } from './flow/react/worker.ts'
import type { PluginMeter } from './plugin/meter.ts'
import type { Counted, Signals } from './signal.ts'

/** What `/metrics` shows. Labels are names of ours, never a person's data. */
export interface Metrics {
  registry: Registry
  policyErrors: Counter
  /** Shows what the worker of this process did with reactions. */
  watchWorker(worker: Pick<Worker, 'counts' | 'tallies' | 'windows'>): void
  /** Shows how the plugins of this process fare. */
  watchPlugins(meter: Pick<PluginMeter, 'totals'>, host: Pick<PluginHost, 'stats'>): void
}

export function createMetrics({ db, signals, clock }: Board): Metrics {
  const registry = new Registry()
  const registers = [registry]
  registry.registerMetric(agendaGauge(db))
  const brokenGlass = new Gauge({
    name: 'slateboard_policy_break_glass',
    help: 'Policy versions in force without their approvals. Anything above 0 needs a person to look.',
    registers: [],
    async collect() {
      const [row] = await countBrokenGlass(db.sql, {})
      this.set(row?.count ?? 0)
    },
  })
  registry.registerMetric(brokenGlass)
  registry.registerMetric(requestGauge(db, clock))
  const overdue = new Gauge({
    name: 'slateboard_follow_ups_overdue',
    help: 'Destinations that would not take what must follow to them. Anything above 0 needs a person to look.',
    registers: [],
    async collect() {
      const [row] = await countOverdueFollowUps(db.sql, { triesMax: overdueTries })
      this.set(row?.count ?? 0)
    },
  })
  registry.registerMetric(overdue)
  countOutward(registry, signals)
  countConflicts(registry, signals)
  countTasks(registry, signals)
  countByHand(registry, signals)
  timeRepairs(registry, signals)
  watchAgents(registry, signals)
  return {
    registry,
    policyErrors: new Counter({
      name: 'slateboard_policy_errors_total',
      help: 'Policy rules and gate checks that failed to evaluate; each was a refusal.',
      registers,
    }),
    watchPlugins: (meter, host) => watchPlugins(registry, meter, host),
    watchWorker(worker) {
      const reactions = new Counter({
        name: 'slateboard_reactions_total',
        help: 'Reactions of this process by how they ended.',
        labelNames: ['result'],
        registers: [],
        collect() {
          this.reset()
          for (const [result, count] of Object.entries(worker.counts)) this.inc({ result }, count)
        },
      })
      registry.registerMetric(reactions)
      registry.registerMetric(windowGauge(worker))
      registry.registerMetric(secondsCounter(worker))
      registry.registerMetric(deadlineCounter(worker))
    },
  }
}

/** The platform's part of both together is what orchestration costs. */
const secondsCounter = (worker: Pick<Worker, 'tallies'>): Counter =>
  new Counter({
    name: 'slateboard_reaction_seconds_total',
    help: 'Time that batches of reactions took, by whose it was: the code of agents or the platform around it.',
    labelNames: ['part'],
    registers: [],
    collect() {
      const { ms, agentMs } = worker.tallies
      this.reset()
      this.inc({ part: 'agents' }, agentMs / 1000)
      this.inc({ part: 'platform' }, Math.max(0, ms - agentMs) / 1000)
    },
  })

const deadlineCounter = (worker: Pick<Worker, 'tallies'>): Counter =>
  new Counter({
    name: 'slateboard_reaction_deadlines_total',
    help: 'Reactions with a deadline, by whether they began before it.',
    labelNames: ['result'],
    registers: [],
    collect() {
      const { met, missed } = worker.tallies
      this.reset()
      this.inc({ result: 'met' }, met)
      this.inc({ result: 'missed' }, missed)
    },
  })

/** An agent whose number is small is slowed down, because it takes long or fails. */
const windowGauge = (worker: Pick<Worker, 'windows'>): Gauge =>
  new Gauge({
    name: 'slateboard_agent_window',
    help: 'Reactions of an agent that this process may have under way at once.',
    labelNames: ['agent'],
    registers: [],
    collect() {
      this.reset()
      for (const [agent, window] of worker.windows()) this.set({ agent }, window)
    },
  })

/** Every state and reason is shown at all times, so that an alarm on one sees it come up from 0. */
const agendaGauge = (db: Board['db']): Gauge =>
  new Gauge({
    name: 'slateboard_agenda_reactions',
    help: 'Reactions on the agenda by state, and why those are parked that are.',
    labelNames: ['state', 'reason'],
    registers: [],
    async collect() {
      this.reset()
      for (const state of reactionStates) {
        if (state !== 'parked') this.set({ state, reason: '' }, 0)
      }
      for (const reason of parkedReasons) this.set({ state: 'parked', reason }, 0)
      for (const { state, parked, count } of await countAgenda(db.sql, {})) {
        this.set({ state, reason: parked ?? '' }, count)
      }
    },
  })

/** Anything late is a breach of law that goes on. */
const requestGauge = (db: Board['db'], clock: Board['clock']): Gauge =>
  new Gauge({
    name: 'slateboard_subject_requests',
    help: 'Requests of data subjects that are open; of these those due soon, overdue, unacknowledged.',
    labelNames: ['state'],
    registers: [],
    async collect() {
      const [counts] = await countSubjectRequests(db.sql, { now: clock.now().toISOString() })
      for (const [state, count] of Object.entries(counts ?? {})) this.set({ state }, count)
    },
  })

/** Counts what is decided, what is delivered and where activations end, each after its commit. */
function countOutward(registry: Registry, signals: Signals): void {
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers: [registry] })
  const decisions = counter('slateboard_decisions_total', 'Decisions of the gate by outcome.', [
    'kind',
    'outcome',
  ])
  const activations = counter(
    'slateboard_activations_total',
    'Activations that came to their end, by final state and reason code.',
    ['state', 'reason'],
  )
  const deliveries = counter(
    'slateboard_deliveries_total',
    'Deliveries tried, by channel and result.',
    ['channel', 'result'],
  )
  const followUps = counter(
    'slateboard_follow_ups_total',
    'Follow-ups tried, by kind, channel and result.',
    ['kind', 'channel', 'result'],
  )
  const refusals = counter(
    'slateboard_trait_refusals_total',
    'Stated traits that were not written, by trait and reason code.',
    ['trait', 'code'],
  )
  const consents = counter(
    'slateboard_consent_refusals_total',
    'What events said about consent and was not taken as said, by reason code.',
    ['code'],
  )
  const requests = counter(
    'slateboard_egress_requests_total',
    'Requests of plugins, by plugin and by how they fared: sent or why not.',
    ['plugin', 'code'],
  )
  const requestBytes = counter('slateboard_egress_bytes_total', 'Bytes that plugins sent.', [
    'plugin',
  ])
  const events = counter('slateboard_events_total', 'Events by how they fared.', ['status'])
  const shadows = counter(
    'slateboard_policy_shadow_total',
    'Decisions that a policy version in shadow was asked for as well, by how it compares.',
    ['direction'],
  )
  signals.onCount((counted: Counted) => {
    if (counted.what === 'shadow') shadows.inc({ direction: counted.direction })
    else if (counted.what === 'decision') {
      decisions.inc({ kind: counted.kind, outcome: counted.outcome })
    } else if (counted.what === 'activation') {
      activations.inc({ state: counted.state, reason: reasonLabel(counted.reason) })
    } else if (counted.what === 'delivery') {
      deliveries.inc({ channel: counted.channel, result: counted.result })
    } else if (counted.what === 'followUp') {
      const { kind, channel, result } = counted
      followUps.inc({ kind, channel, result })
    } else if (counted.what === 'egress') {
      const { plugin, code, bytes } = counted
      requests.inc({ plugin, code: egressLabel(code) })
      requestBytes.inc({ plugin }, bytes)
    } else if (counted.what === 'consent') consents.inc({ code: counted.code })
    else if (counted.what === 'refusal') {
      refusals.inc({ trait: counted.trait, code: counted.code }, counted.count)
    } else if (counted.what === 'event') events.inc({ status: counted.status }, counted.count)
  })
}

/** Counts tries at tasks of objectives. */
function countTasks(registry: Registry, signals: Signals): void {
  const tasks = new Counter({
    name: 'slateboard_tasks_total',
    help: 'Tries at tasks of objectives, by the state that they left them in.',
    labelNames: ['state'],
    registers: [registry],
  })
  signals.onCount((counted) => {
    if (counted.what === 'task') tasks.inc({ state: counted.state })
  })
}

/** Beside the writes of agents this is the rate at which they contradict each other. */
function countConflicts(registry: Registry, signals: Signals): void {
  const conflicts = new Counter({
    name: 'slateboard_trait_conflicts_total',
    help: "Writes of agents that met another agent's word or a commitment, by rule and by whether it decided.",
    labelNames: ['rule', 'state'],
    registers: [registry],
  })
  const intents = new Counter({
    name: 'slateboard_intents_total',
    help: 'Intents of agents by what became of them.',
    labelNames: ['state'],
    registers: [registry],
  })
  signals.onCount((counted) => {
    if (counted.what === 'intent') intents.inc({ state: counted.state })
    if (counted.what === 'conflict') conflicts.inc({ rule: counted.rule, state: counted.state })
  })
}

/** Times how long it takes until all is as it should be again: after a crash, and after a change of the rules. */
function timeRepairs(registry: Registry, signals: Signals): void {
  const recovery = new Histogram({
    name: 'slateboard_recovery_seconds',
    help: 'From the last beat of a worker that died to when what it held was free for others.',
    buckets: [0.1, 0.25, 0.5, 1, 2, 2.5, 3, 4, 6, 10, 30],
    registers: [registry],
  })
  const realignment = new Histogram({
    name: 'slateboard_realignment_seconds',
    help: 'From when a policy, version or config came into force to when nothing of before was left.',
    labelNames: ['change'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers: [registry],
  })
  signals.onCount((counted) => {
    if (counted.what === 'recovery') recovery.observe(counted.seconds)
    if (counted.what !== 'realigned') return
    const { change, seconds } = counted
    realignment.observe({ change }, Math.max(0, seconds))
  })
}

/** Counts what operators did with reactions that waited. */
function countByHand(registry: Registry, signals: Signals): void {
  const byHand = new Counter({
    name: 'slateboard_reactions_by_hand_total',
    help: 'Reactions that operators released or dropped, by why they waited.',
    labelNames: ['act', 'reason'],
    registers: [registry],
  })
  signals.onCount((counted) => {
    if (counted.what !== 'agenda') return
    const { act, reason, count } = counted
    byHand.inc({ act, reason }, count)
  })
}

/** Codes of ours. What a policy's rule or an agent calls its reason is text of theirs, without a bound. */
const reasonCodes: ReadonlySet<string> = new Set([
  'allowed',
  'purpose_unknown',
  'channel_unknown',
  'destination_required',
  'field_unknown',
  'workspace_paused',
  'plugin_paused',
  'channel_paused',
  'proposer_revoked',
  'no_active_policy',
  'not_declared',
  'subject_unknown',
  'erased',
  'restricted',
  'legal_hold',
  'minor',
  'minor_needs_opt_in',
  'objected',
  'special_needs_explicit_consent',
  'gpc_opt_out',
  'no_consent',
  'consent_withdrawn',
  'consent_denied',
  'consent_expired',
  'consent_pending',
  'consent_notice_outdated',
  'not_opted_out',
  'purpose_incompatible',
  'policy_refused',
  'content_undeclared',
  'frequency_capped',
  'budget_exhausted',
  'budget_not_open',
  'evaluation_error',
  'channel_not_configured',
  'address_unknown',
  'address_invalid',
  'destination_invalid',
  'destination_not_https',
  'destination_private',
  'destination_unknown',
  'unreachable',
  'timeout',
  'internal',
  'message_unreadable',
  'http_3xx',
  'http_4xx',
  'http_5xx',
  'smtp_4xx',
  'smtp_5xx',
])

/** A policy's rule may call its reason anything. */
const egressLabel = (code: string): string => (isDenialCode(code) ? code : reasonLabel(code))

function reasonLabel(reason: string): string {
  const family = reason.replace(/^(http|smtp)_(\d)\d\d$/, '$1_$2xx')
  return reasonCodes.has(family) ? family : 'other'
}
