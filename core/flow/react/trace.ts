/** Traces of reactions: each is part of what woke it, and what it leads to is part of it. */
import type { ItemOutcome } from '../../host/host.ts'
import { splitTrace, type Trace } from '../../model/trace.ts'
import type { Span, SpanFacts, Tracing } from '../../tracing/tracing.ts'
import type { Ended } from './commit.ts'
import type { Claimed, RunnableAgent } from './reaction.ts'

/** Of what came together so much is named; a reaction that waited long may have gathered thousands. */
const linksMax = 32

export interface ReactionSpans extends Disposable {
  /** The reactions with traces of their own, and causes without those that they came with. */
  readonly items: readonly Claimed[]
  /** They committed like that; what this is never said of has failed. */
  committed(ended: readonly Ended[]): void
}

export function traceReactions(
  tracing: Tracing,
  agent: RunnableAgent,
  claimed: readonly Claimed[],
): ReactionSpans {
  const spans = new Map<string, Span>()
  const items = claimed.map((item): Claimed => {
    const parts = item.causes.map(splitTrace)
    // The newest cause's trace is the one that it is part of.
    const [parent, ...links] = new Set(parts.flatMap(({ trace }) => trace ?? []).toReversed())
    if (parent === undefined) return item
    const { attempts: attempt, hop } = item
    const facts = { ...factsOf(agent), attempt, hop, items: claimed.length }
    const span = tracing.begin('react', parent, { facts, links: links.slice(0, linksMax) })
    spans.set(item.profileId, span)
    return { ...item, causes: parts.map(({ reference }) => reference), trace: span.trace }
  })
  return {
    items,
    committed(ended) {
      for (const { profileId, ending } of spans.size > 0 ? ended : []) {
        const error = ending.kind === 'again' ? (ending.error ?? undefined) : undefined
        spans.get(profileId)?.end({ outcome: ending.kind, error })
        spans.delete(profileId)
      }
    },
    [Symbol.dispose]() {
      for (const span of spans.values()) span.end({ outcome: 'failed', error: 'internal' })
    },
  }
}

export interface CallSpans {
  /** In the order of the items; what they have sent meanwhile is part of it. */
  readonly traces: readonly (Trace | undefined)[]
  end(outcomes: readonly ItemOutcome[]): void
}

/** The plugin's part of reactions that are handed to it together. */
export function traceCalls(
  tracing: Tracing,
  agent: RunnableAgent,
  items: readonly Pick<Claimed, 'trace'>[],
): CallSpans {
  const facts = { ...factsOf(agent), items: items.length }
  const spans = items.map(({ trace }) => tracing.begin('call', trace, { facts }))
  return {
    traces: spans.map(({ trace }) => trace),
    end(outcomes) {
      for (const [at, span] of spans.entries()) span.end(answerOf(outcomes[at]))
    },
  }
}

const answerOf = (outcome: ItemOutcome | undefined): SpanFacts =>
  outcome?.ok
    ? { outcome: outcome.outcome.kind }
    : { outcome: 'failed', error: outcome?.code ?? 'internal' }

const factsOf = ({ workspaceId: workspace, name: agent, digest }: RunnableAgent): SpanFacts => ({
  workspace,
  agent,
  version: digest.slice(0, 12),
})
