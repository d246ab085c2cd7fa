import { setTimeout } from 'node:timers/promises'
import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
import type { Client } from '../client.ts'
import type { CommandTable } from '../context.ts'
import { readPolicyFile } from './policyFile.ts'

interface Options {
  days?: string
  json?: boolean
}

const pollMs = 200

const impactSchema = z.object({
  sentence: z.string(),
  caller: z.object({ kind: z.string(), name: z.string() }),
  action: z.string(),
  purpose: z.string().nullable(),
  target: z.object({ kind: z.string(), name: z.string() }),
  gained: z.number(),
  lost: z.number(),
  unchanged: z.number(),
  gainedExamples: z.array(z.object({ id: z.string() })),
  lostExamples: z.array(z.object({ id: z.string() })),
})
const decisionsSchema = z.object({
  days: z.number(),
  looked: z.number(),
  isCut: z.boolean(),
  drifted: z.number(),
  impacts: z.array(
    z.object({
      sentence: z.string(),
      wouldAllow: z.number(),
      wouldHold: z.number(),
      wouldRefuse: z.number(),
      unchanged: z.number(),
      examples: z.array(
        z.object({ decisionId: z.string(), before: z.string(), after: z.string() }),
      ),
    }),
  ),
})
const simulationSchema = z.object({
  id: z.string(),
  state: z.enum(['RUNNING', 'DONE', 'CANCELLED', 'FAILED']),
  failure: z.string().nullable(),
  progress: z.object({ done: z.number(), total: z.number() }),
  base: z.number().nullable(),
  profiles: z.number().nullable(),
  compared: z.number().nullable(),
  personalRules: z.array(z.string()).nullable(),
  impacts: z.array(impactSchema).nullable(),
  decisions: decisionsSchema.nullable(),
})
type Simulation = z.infer<typeof simulationSchema>

const progressFields = 'id state failure progress { done total }'
const resultFields = `${progressFields} base profiles compared personalRules
  impacts { sentence caller { kind name } action purpose target { kind name } gained lost unchanged
    gainedExamples { id } lostExamples { id } }
  decisions { days looked isCut drifted
    impacts { sentence wouldAllow wouldHold wouldRefuse unchanged examples { decisionId before after } } }`

export function addPolicySimulate(policy: Command, table: CommandTable): void {
  policy
    .command('simulate <file-or-number>')
    .description('show whom a policy would touch, and which activations would end otherwise')
    .option('--days <days>', 'how far back decisions are looked at; 30 if left out')
    .option('--json', 'print JSON')
    .action(async (what: string, options: Options) => {
      const stop = new AbortController()
      const onInterrupt = (): void => stop.abort()
      process.once('SIGINT', onInterrupt)
      try {
        await simulate(table, what, options, { stop: stop.signal, tell: progressLine() })
      } finally {
        process.off('SIGINT', onInterrupt)
      }
    })
}

export interface Watched {
  /** Aborted when whoever waits has had enough: the simulation is cancelled. */
  stop: AbortSignal
  tell(progress: { done: number; total: number }): void
}

/** Begins a simulation, follows it to its end and prints what it found. @throws command_failed */
export async function simulate(
  table: CommandTable,
  what: string,
  { days, json }: Options,
  watched: Watched,
): Promise<void> {
  const candidate = /^\d+$/.test(what)
    ? { number: Number(what) }
    : { document: readPolicyFile(what) }
  const input = { ...candidate, ...(days === undefined ? {} : { days: daysOf(days) }) }
  await using client = await table.openClient()
  const id = await begin(client, input)
  const simulation = await follow(client, id, watched)
  if (simulation.state !== 'DONE') throw unfinished(simulation)
  if (json) table.write(JSON.stringify(simulation, null, 2))
  else for (const line of linesOf(simulation)) table.write(line)
}

async function begin(client: Client, input: object): Promise<string> {
  const { simulatePolicy } = await client.ask(
    z.object({
      simulatePolicy: z.object({
        simulation: z.object({ id: z.string() }).nullable(),
        errors: userErrors,
      }),
    }),
    `mutation ($input: SimulatePolicyInput!) {
      simulatePolicy(input: $input) { simulation { id } ${errorFields} } }`,
    { input },
  )
  refuseErrors(simulatePolicy.errors)
  return simulatePolicy.simulation?.id ?? ''
}

const foundSchema = z.object({
  policySimulation: simulationSchema.pick({ id: true, state: true, failure: true, progress: true }),
})

async function follow(client: Client, id: string, { stop, tell }: Watched): Promise<Simulation> {
  for (;;) {
    if (stop.aborted) await cancel(client, id)
    const { policySimulation } = await client.ask(
      foundSchema,
      `query ($id: ID!) { policySimulation(id: $id) { ${progressFields} } }`,
      { id },
    )
    tell(policySimulation.progress)
    if (policySimulation.state !== 'RUNNING') return read(client, id)
    await setTimeout(pollMs, undefined, { signal: stop }).catch(() => undefined)
  }
}

async function read(client: Client, id: string): Promise<Simulation> {
  const { policySimulation } = await client.ask(
    z.object({ policySimulation: simulationSchema }),
    `query ($id: ID!) { policySimulation(id: $id) { ${resultFields} } }`,
    { id },
  )
  return policySimulation
}

async function cancel(client: Client, id: string): Promise<void> {
  await client.ask(
    z.object({ cancelSimulation: z.object({ errors: userErrors }) }),
    `mutation ($id: ID!) { cancelSimulation(input: { id: $id }) { ${errorFields} } }`,
    { id },
  )
}

function* linesOf({ impacts, decisions, ...simulation }: Simulation): Generator<string> {
  const number = (count: number | null): string => (count ?? 0).toLocaleString('en-US')
  const { base, profiles, compared, personalRules } = simulation
  const version = base === null ? 'no policy in force' : `version ${base}, which is in force`
  yield `Compared with ${version}: ${number(compared)} rights, ${number(profiles)} profiles.`
  if (impacts?.length === 0) yield 'Nobody gains or loses anything of any profile.'
  for (const { sentence, gainedExamples, lostExamples } of impacts ?? []) {
    yield sentence
    const ids = [...gainedExamples, ...lostExamples].map(({ id }) => id)
    if (ids.length > 0) yield `  such as ${ids.join(', ')}`
  }
  if (personalRules && personalRules.length > 0) {
    yield `Compared as for a principal of whom nothing is known, where rules ask who asks: ${personalRules.join(', ')}.`
  }
  if (!decisions || decisions.days === 0) return
  const cut = decisions.isCut ? ' (the newest)' : ''
  yield `Activations decided in the last ${decisions.days} days, with the profiles as they are now: ${number(decisions.looked)}${cut}.`
  for (const { sentence } of decisions.impacts) yield sentence
  if (decisions.drifted > 0) {
    yield `${number(decisions.drifted)} of them would end otherwise than recorded in any case: the profile or the policy has changed since.`
  }
}

function daysOf(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text)
  throw fail('bad_input', { path: '--days', reason: 'it is not a number of days' })
}

const unfinished = ({ state, failure }: Simulation) =>
  state === 'CANCELLED'
    ? fail('command_failed', { reason: 'The simulation was cancelled.', remedy: 'Start it again.' })
    : fail('command_failed', {
        reason: `The simulation failed: ${failure ?? 'unknown'}.`,
        remedy: 'Start it again; the log of the server says more.',
      })

/** One line that is written over on a terminal; elsewhere a line for every tenth. */
function progressLine(): Watched['tell'] {
  let told = -1
  return ({ done, total }) => {
    const percent = total === 0 ? 0 : Math.floor((done / total) * 100)
    const step = process.stderr.isTTY ? percent : Math.floor(percent / 10) * 10
    if (step === told) return
    told = step
    const text = `${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} (${percent}%)`
    process.stderr.write(
      process.stderr.isTTY ? `\r${text}${done === total ? '\n' : ''}` : `${text}\n`,
    )
  }
}
