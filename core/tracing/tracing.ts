/**
 * What pieces of work were part of, told to a collector of traces where one is configured. A trace that comes with a
 * request goes along to all that the request leads to in any case.
 */
import { isSampled, type Trace } from '../model/trace.ts'

export const spanNames = [
  /** A request with events. */
  'ingest',
  /** A request that proposes an activation. */
  'propose',
  /** One reaction of an agent, from its claim to its commit; within it the call of the plugin. */
  'react',
  'call',
  /** What a plugin asked to have sent meanwhile. */
  'fetch',
  /** What the gate said of an activation. */
  'decide',
  /** One delivery of it. */
  'dispatch',
] as const
export type SpanName = (typeof spanNames)[number]

/**
 * All that a span tells: names from manifests, codes and numbers. Never a trait's value, an identifier, a profile or a
 * text that somebody wrote, for traces are kept where no erasure reaches.
 */
export interface SpanFacts {
  workspace?: number
  /** `plugin/agent`. */
  agent?: string
  /** Digest of the plugin's version. */
  version?: string
  channel?: string
  /** How it ended, by a code of ours. */
  outcome?: string
  /** Why, where it failed: a code of ours. */
  error?: string | undefined
  /** Number of the policy that was in force. */
  policy?: number | null
  /** How many events, or reactions of one call, it was. */
  items?: number
  attempt?: number
  /** Steps from what came from outside. */
  hop?: number
}

export interface Span {
  /** What it is known by to all that is part of it; undefined where nothing is traced. */
  readonly trace: Trace | undefined
  /** Once. */
  end(facts?: SpanFacts): void
}

export interface Beginning {
  facts: SpanFacts
  /** What it is part of as well. */
  links?: readonly Trace[]
}

export interface Tracing extends AsyncDisposable {
  /** A piece of work that came from outside: part of the caller's trace, or the beginning of one. */
  receive(name: SpanName, trace: Trace | undefined, beginning: Beginning): Span
  /** A part of what is traced already, and else nothing. */
  begin(name: SpanName, parent: Trace | undefined, beginning: Beginning): Span
}

const untraced: Span = { trace: undefined, end() {} }

/** Nothing is told of it; what is part of it is part of what came before. */
export const passing = (trace: Trace | undefined): Span =>
  trace === undefined ? untraced : { trace, end() {} }

/** Whether there is anything to tell: who was not asked for at the beginning is not later either. */
export const isTold = (parent: Trace | undefined): parent is Trace =>
  parent !== undefined && isSampled(parent)

export const noTracing: Tracing = {
  receive: (_name, trace) => passing(trace),
  begin: (_name, parent) => passing(parent),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}
