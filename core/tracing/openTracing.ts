import type { Logger } from 'pino'
import type { TracingConfig } from '../config.ts'
import { noTracing, type Tracing } from './tracing.ts'

/** @param config absent: nothing is told, and nothing of it is loaded */
export async function openTracing(
  config: TracingConfig | undefined,
  engine: string,
  log: Logger,
): Promise<Tracing> {
  if (!config) return noTracing
  const { openTelemetry } = await import('./openTelemetry.ts')
  return openTelemetry(config, engine, log)
}
