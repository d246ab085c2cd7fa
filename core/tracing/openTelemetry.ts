/**
 * Traces for an OpenTelemetry collector, by OTLP over HTTP. Loaded only where one is configured: the libraries cost 50 MB.
 * Spans wait in a bounded queue and leave in batches; while the collector is away the rest is dropped, and nobody waits.
 */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace as api } from '@opentelemetry/api'
import type { Attributes, Span as OpenSpan, SpanContext, Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
  type SpanExporter,
} from '@opentelemetry/sdk-trace'
import type { Logger } from 'pino'
import type { TracingConfig } from '../config.ts'
import { partsOf, traceOf, type Trace } from '../model/trace.ts'
import { trouble } from '../trouble.ts'
import { isTold, passing, type Beginning, type Span, type SpanFacts } from './tracing.ts'
import type { SpanName, Tracing } from './tracing.ts'

const queueMax = 4096
const exportTimeoutMs = 5000
/** A stop has ten seconds in all, and a collector that is away must not use them up. */
const stopMs = 2000

export function openTelemetry(config: TracingConfig, engine: string, log: Logger): Tracing {
  const exporter = new OTLPTraceExporter({ url: config.url, timeoutMillis: exportTimeoutMs })
  const provider = new TracerProvider({
    sampler: samplerOf(config),
    resource: resourceFromAttributes({ 'service.name': 'slateboard', 'service.version': engine })
      .merge(detectResources({ detectors: [resourceAttributesEnvDetector] }))
      .merge(resourceFromAttributes(nameOf(config))),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: telling(exporter, log),
        maxQueueSize: queueMax,
        scheduledDelayMillis: config.delayMs,
        exportTimeoutMillis: exportTimeoutMs,
      }),
    ],
  })
  const tracer = provider.getTracer('slateboard', engine)
  return {
    receive(name, trace, beginning) {
      const span = start(tracer, name, trace, beginning)
      if (span.isRecording()) return asSpan(span)
      return passing(trace === undefined ? undefined : traceFrom(span))
    },
    begin: (name, parent, beginning) =>
      isTold(parent) ? asSpan(start(tracer, name, parent, beginning)) : passing(parent),
    async [Symbol.asyncDispose]() {
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, stopMs)
      // What could not be sent was told of when it was tried.
      await Promise.race([provider.shutdown().catch(() => {}), late])
      clearTimeout(timer)
    },
  }
}

const nameOf = ({ serviceName }: TracingConfig): Attributes =>
  serviceName === undefined ? {} : { 'service.name': serviceName }

function samplerOf({ sampler, ratio }: TracingConfig): Sampler {
  const [base, isByParent] = sampler.startsWith('parentbased_')
    ? [sampler.slice('parentbased_'.length), true]
    : [sampler, false]
  const root =
    base === 'always_off'
      ? new AlwaysOffSampler()
      : base === 'traceidratio'
        ? new TraceIdRatioBasedSampler(ratio)
        : new AlwaysOnSampler()
  return isByParent ? new ParentBasedSampler({ root }) : root
}

/** Says in the log that spans were lost: the library keeps it to itself. */
function telling(exporter: OTLPTraceExporter, log: Logger): SpanExporter {
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error) {
          const { length: lost } = spans
          log.warn({ spans: lost, ...trouble(result.error) }, 'spans could not be exported')
        }
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
  }
}

const kinds: Readonly<Record<SpanName, SpanKind>> = {
  ingest: SpanKind.SERVER,
  propose: SpanKind.SERVER,
  react: SpanKind.CONSUMER,
  call: SpanKind.INTERNAL,
  fetch: SpanKind.CLIENT,
  decide: SpanKind.INTERNAL,
  dispatch: SpanKind.CLIENT,
}

function start(
  tracer: Tracer,
  name: SpanName,
  parent: Trace | undefined,
  { facts, links = [] }: Beginning,
): OpenSpan {
  const of = facts.agent ?? facts.channel
  return tracer.startSpan(
    of === undefined ? name : `${name} ${of}`,
    {
      kind: kinds[name],
      attributes: attributesOf(facts),
      links: links.map((link) => ({ context: contextOf(link) })),
    },
    parent === undefined ? ROOT_CONTEXT : api.setSpanContext(ROOT_CONTEXT, contextOf(parent)),
  )
}

function contextOf(trace: Trace): SpanContext {
  const { traceId, spanId, flags } = partsOf(trace)
  return { traceId, spanId, traceFlags: flags, isRemote: true }
}

function traceFrom(span: OpenSpan): Trace {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return traceOf({ traceId, spanId, flags: traceFlags })
}

const asSpan = (span: OpenSpan): Span => ({
  trace: traceFrom(span),
  end(facts = {}) {
    span.setAttributes(attributesOf(facts))
    if (facts.error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  },
})

function attributesOf({ error, policy, ...facts }: SpanFacts): Attributes {
  const attributes: Attributes = {}
  for (const [name, value] of Object.entries(facts)) attributes[`slateboard.${name}`] = value
  if (typeof policy === 'number') attributes['slateboard.policy'] = policy
  if (error !== undefined) attributes['error.type'] = error
  return attributes
}
