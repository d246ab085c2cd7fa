import { countProfiles } from '../../../blackboard/query/countProfiles.ts'
import { finishSimulation } from '../../../blackboard/query/finishSimulation.ts'
import { insertSimulation } from '../../../blackboard/query/insertSimulation.ts'
import { listPurposes } from '../../../blackboard/query/listPurposes.ts'
import { allowScans } from '../../../blackboard/query/allowScans.ts'
import { transact } from '../../../blackboard/transact.ts'
import type { Policy } from '../../../policies/document.ts'
import type { NumberedPolicy } from '../../activePolicies.ts'
import { parseInput } from '../../admin/parseInput.ts'
import { fail, SlateboardError } from '../../errors.ts'
import type { GateDeps } from '../../flow/gate/assemble.ts'
import { simulatePolicyInput, type SimulationResult } from '../../model/simulation.ts'
import { failLost } from '../../read/findSimulation.ts'
import { demand, type Reader } from '../../read/reader.ts'
import { trouble } from '../../trouble.ts'
import { parseCandidate } from '../checkCandidate.ts'
import { authorOf, nowOf, readPolicy } from '../version.ts'
import { listCells } from './cell.ts'
import { startPulse } from './pulse.ts'
import { findDecided, replayDecisions } from './replay.ts'
import { scanProfiles } from './scan.ts'
import { capitalised, flipsInWords, impactInWords } from './words.ts'

/** Works out what a policy would change, in the background of this process, one at a time in a workspace. */
export interface Simulations extends AsyncDisposable {
  /**
   * Begins with a stored version or a document and gives the simulation's id at once.
   * @throws forbidden, bad_input, policy_unknown, policy_invalid, simulation_running
   */
  start(reader: Reader, input: unknown): Promise<string>
  /** Ends one that runs, on whichever node; false when it had ended. @throws forbidden */
  cancel(reader: Reader, id: string): Promise<boolean>
  /** Resolves when none runs in this process. */
  idle(): Promise<void>
}

interface Job {
  workspaceId: number
  id: string
  base: NumberedPolicy | null
  candidate: Policy
  days: number
}

export function createSimulations(deps: GateDeps): Simulations {
  const running = new Map<string, { job: Job; ended: Promise<void> }>()

  async function work(job: Job): Promise<void> {
    const { board } = deps
    try {
      const result = await simulate(deps, job)
      if (result) await finish(deps, job, { state: 'done', result: JSON.stringify(result) })
    } catch (thrown) {
      board.log.error({ simulation: job.id, ...trouble(thrown) }, 'a simulation failed')
      const failure = thrown instanceof SlateboardError ? thrown.code : 'internal'
      await finish(deps, job, { state: 'failed', failure }).catch(() => false)
    } finally {
      running.delete(job.id)
    }
  }

  return {
    async start(reader, input) {
      demand(reader, 'write', 'Policy')
      const job = await begin(deps, reader, input)
      running.set(job.id, { job, ended: work(job) })
      return job.id
    },
    cancel(reader, id) {
      demand(reader, 'write', 'Policy')
      const { workspaceId } = reader.principal
      return finish(deps, { workspaceId, id }, { state: 'cancelled' })
    },
    async idle() {
      await Promise.all([...running.values()].map(({ ended }) => ended))
    },
    async [Symbol.asyncDispose]() {
      const jobs = [...running.values()]
      await Promise.all(
        jobs.map(({ job }) => finish(deps, job, { state: 'failed', failure: 'node_stopped' })),
      )
      await Promise.all(jobs.map(({ ended }) => ended))
    },
  }
}

/** Reads what is compared and takes the workspace's turn. */
async function begin({ board, policies }: GateDeps, reader: Reader, input: unknown): Promise<Job> {
  const { number, document, days } = parseInput(simulatePolicyInput, input)
  if ((number == null) === (document == null)) {
    throw fail('bad_input', { path: 'input', reason: 'give either number or document' })
  }
  const { workspaceId } = reader.principal
  const base = await policies.of(workspaceId).catch((thrown: unknown) => {
    if (thrown instanceof SlateboardError && thrown.code === 'no_active_policy') return null
    throw thrown
  })
  const candidate =
    number == null
      ? await parseCandidate(reader, document)
      : (await readPolicy(board.db.sql, workspaceId, number)).policy
  await failLost(board, workspaceId)
  const id = board.clock.id()
  const [row] = await insertSimulation(board.db.sql, {
    workspaceId,
    id,
    candidate: number ?? null,
    hash: candidate.hash,
    base: base?.number ?? null,
    days,
    requestedBy: authorOf(reader),
    at: nowOf(board),
  })
  if (!row) throw fail('simulation_running')
  return { workspaceId, id, base, candidate, days }
}

async function finish(
  { board }: GateDeps,
  { workspaceId, id }: Pick<Job, 'workspaceId' | 'id'>,
  end: { state: 'done' | 'cancelled' | 'failed'; result?: string; failure?: string },
): Promise<boolean> {
  const { state, result = null, failure = null } = end
  const at = nowOf(board)
  const ended = await finishSimulation(board.db.sql, {
    workspaceId,
    id,
    state,
    result,
    failure,
    at,
  })
  return ended.length > 0
}

/** Undefined when it was cancelled meanwhile. */
async function simulate(deps: GateDeps, job: Job): Promise<SimulationResult | undefined> {
  const { board } = deps
  const { workspaceId, base, candidate, days } = job
  using pulse = startPulse(board, job)
  const scope = await scopeOf(deps, job)
  const { cells, compared } = await listCells(scope)
  const since = new Date(board.clock.now().getTime() - days * 86_400_000)
  const replay = { workspaceId, base, candidate, since }
  const decided = days === 0 ? { keys: [], isCut: false } : await findDecided(deps, replay)
  // Where nobody's rights differ there is nothing to ask the profiles.
  const profiles = cells.length === 0 ? 0 : await countAll(deps, workspaceId)
  const total = profiles + decided.keys.length
  const beat = (done: number): Promise<boolean> => pulse.at(done, total)
  if (!(await beat(0))) return undefined
  const scanned =
    cells.length === 0
      ? { profiles: 0, counts: [] }
      : await scanProfiles(board.db, workspaceId, cells, beat)
  if (!scanned) return undefined
  const replayed = await replayDecisions(deps, replay, decided, (done) => beat(profiles + done))
  if (!replayed) return undefined
  return {
    profiles: scanned.profiles,
    compared,
    personalRules: personalRules(base?.policy, candidate),
    impacts: cells.flatMap((cell, at) => {
      const counts = scanned.counts[at]
      if (!counts || counts.gained + counts.lost === 0) return []
      const { caller, action, purpose, target } = cell
      const impact = { caller, action, purpose, target, ...counts }
      return { ...impact, sentence: capitalised(impactInWords(impact)) }
    }),
    decisions: {
      ...replayed,
      days,
      impacts: replayed.impacts.map((impact) => ({ ...impact, sentence: flipsInWords(impact) })),
    },
  }
}

const personalRules = (...policies: (Policy | undefined)[]): string[] => [
  ...new Set(
    policies.flatMap((policy) =>
      (policy?.rules ?? []).flatMap(({ id, personal }) => (personal ? [id] : [])),
    ),
  ),
]

async function scopeOf({ board, policies, definitions, crew, channels }: GateDeps, job: Job) {
  const { workspaceId, base, candidate } = job
  const [known, purposes] = await Promise.all([
    definitions.of(workspaceId),
    listPurposes(board.db.sql, { workspaceId }),
  ])
  return {
    before: base?.policy ?? null,
    after: candidate,
    abilityOf: policies.ability,
    definitions: known,
    agents: crew
      .all()
      .filter(
        (agent) =>
          agent.workspaceId === workspaceId && crew.find(workspaceId, agent.name) === agent,
      ),
    purposes: purposes.map(({ key }) => key),
    channels: Object.keys(channels.facts),
  }
}

const countAll = ({ board }: GateDeps, workspaceId: number): Promise<number> =>
  transact(board.db, async (tx) => {
    await allowScans(tx)
    const [row] = await countProfiles(tx, { workspaceId })
    return row?.count ?? 0
  })
