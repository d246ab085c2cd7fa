import { z } from 'zod'
import { audit } from '../../admin/audit.ts'
import { parseInput } from '../../admin/parseInput.ts'
import { fail } from '../../errors.ts'
import { checkManifest } from '../../host/manifest.ts'
import { decidePluginInput } from '../../model/pluginLife.ts'
import { authorOf } from '../../policy/version.ts'
import { demand, type Reader } from '../../read/reader.ts'
import { demandTrust } from '../approvePlugin.ts'
import type { Assessed } from '../assess.ts'
import { loadCandidate } from '../candidate.ts'
import { inspectPlugin } from '../inspectPlugin.ts'
import type { Origin } from '../origin.ts'
import { replayAgent, type Replayed } from './replay.ts'
import { examplesOf, reportAgent, sum, type AgentReport, type RehearsalCounts } from './report.ts'
import { showExamples, type ShownExample } from './show.ts'
import { openStage, type RehearsalDeps } from './stage.ts'

/** A version that waits, or a package; `last` reactions of each agent are replayed. */
export const rehearsePluginInput = z.object({
  ...decidePluginInput.pick({ digest: true }).shape,
  plugin: decidePluginInput.shape.plugin.nullish(),
  last: z.int().min(1).max(2000).default(500),
})

export interface Rehearsal extends RehearsalCounts {
  plugin: string
  version: string
  digest: string
  /** The version in service; null where none is. */
  base: string | null
  reactions: number
  agents: AgentReport[]
  /** Agents of the version in service that the new one does not have. */
  gone: string[]
  examples: ShownExample[]
}

/** All agents together; an agent that has not had its turn by then is told of as cut. */
const rehearsalMs = 30_000

/**
 * Hands what lately woke the agents of a plugin to the version in service and to the next one alike, and says what
 * the next one would have done otherwise. Nothing is committed, nothing leaves, and neither version is judged by it.
 *
 * @throws forbidden, bad_input, plugin_not_found, plugin_nothing_waits, plugin_trust_low, plugin_self_test_failed,
 * and what keeps a version from being installed
 */
export async function rehearsePlugin(
  deps: RehearsalDeps,
  reader: Reader,
  input: unknown,
  origin: Origin | null,
): Promise<Rehearsal> {
  const { plugin, digest, last } = parseInput(rehearsePluginInput, input)
  const inspection = await inspected(reader, plugin, digest, origin)
  const { pkg, base } = inspection
  const { workspaceId } = reader.principal
  const until = performance.now() + rehearsalMs
  await using stage = await openStage(deps, workspaceId, pkg, base?.digest)
  const agents: AgentReport[] = []
  const replays = new Map<string, Replayed[]>()
  for (const pair of stage.pairs.filter(({ next }) => next !== undefined)) {
    const replay = await replayAgent(pair, last, until)
    replays.set(pair.agent, replay.replayed)
    agents.push(reportAgent(pair.agent, pair.old === undefined, replay))
  }
  const examples = await showExamples(reader, examplesOf(replays), stage.pairs)
  const rehearsal = {
    plugin: pkg.manifest.id,
    version: pkg.manifest.version,
    digest: pkg.digest,
    base: base?.version ?? null,
    ...sum(agents),
    agents,
    gone: stage.pairs.flatMap(({ agent, next }) => (next === undefined ? [agent] : [])),
    examples,
  }
  await record(reader, rehearsal)
  return rehearsal
}

/**
 * A version that waits may be looked at by who may agree to it: its code runs, and where it is trusted too little
 * for what it uses that takes an administrator. A package may by who may install it.
 */
async function inspected(
  reader: Reader,
  plugin: string | null | undefined,
  digest: string | null | undefined,
  origin: Origin | null,
): Promise<Assessed> {
  if ((plugin == null) === (origin === null)) {
    throw fail('bad_input', { path: 'input', reason: 'give one of plugin, path and package' })
  }
  if (origin) return await inspectPlugin(reader, origin)
  demand(reader, 'approve', 'Plugin')
  const candidate = await loadCandidate(reader, plugin ?? '', digest)
  demandTrust(reader, candidate)
  checkManifest(candidate.pkg.manifest, reader.board.engine)
  return candidate
}

/** Counts alone: whom it was about is nobody's business but the reader's. */
async function record(reader: Reader, rehearsal: Rehearsal): Promise<void> {
  const { board, principal } = reader
  const { plugin, version, digest, base, examples, agents, gone: _, ...counts } = rehearsal
  await audit(board.db.sql, board, {
    workspaceId: principal.workspaceId,
    actor: authorOf(reader),
    action: 'plugin.rehearse',
    object: `plugin:${plugin}`,
    payload: { version, digest, base, ...counts, agents: agents.length, examples: examples.length },
  })
  board.signals.send('audit')
}
