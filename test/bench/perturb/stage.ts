import { setTimeout as pause } from 'node:timers/promises'
import { setBudget } from '../../../core/admin/setBudget.ts'
import type { Reader } from '../../../core/read/reader.ts'
import type { Slateboard } from '../../../core/open.ts'
import { readerOf } from '../../support/readerOf.ts'
import { source, trackOf, type Bench } from '../bench.ts'
import { crewOf, install } from '../agents/crew.ts'
import { openPeople as openCrowd, type Changes } from '../agents/people.ts'
import { gapOf, seeded } from '../agents/random.ts'
import { openPeople, type People } from '../gate/people.ts'
import { budget, campaignPackage } from './campaign.ts'

const crowd = 2000
const agents = 38
/** Those of the load, and one for each perturbation, whom nothing else befalls. */
const customers = 400
const changesPerSecond = 200

/** What is perturbed: a campaign beside 38 agents, all of them under load. */
export interface Stage {
  app: Slateboard
  officer: Reader
  people: People
  probes: readonly string[]
  changes: Changes
  /** States what somebody spent. */
  spend(user: string, amount: number): Promise<void>
}

export async function openStage({ app }: Bench, url: string, probes: number): Promise<Stage> {
  const officer = await readerOf(app, 'admin')
  await setBudget(officer, { name: budget, unit: 'message', cap: 1_000_000 })
  const people = await openPeople(app, { count: customers + probes, url, prefix: 'customer' })
  // Before anybody is woken by it.
  const changes = await openCrowd(app, crowd)
  await app.registry.install(app.workspaceId, campaignPackage(url), 'bench')
  await app.configs.refresh(app.registry.all())
  await install(app, crewOf(agents))
  const spend = async (user: string, amount: number): Promise<void> => {
    const event = { ...trackOf(app, user, '', 0), type: 'identify' as const, properties: {} }
    await app.intake.submit(source, [{ ...event, traits: { spend: amount } }])
  }
  return { app, officer, people, probes: people.users.slice(0, probes), changes, spend }
}

/** Changes to the crowd, one in ten of them to what a customer of the campaign spent, until it is stopped. */
export async function load(
  { app, people, probes, changes, spend }: Stage,
  stop: AbortSignal,
): Promise<number> {
  const users = people.users.slice(probes.length)
  const random = seeded(7)
  const started = performance.now()
  const pending: Promise<unknown>[] = []
  let due = 0
  while (!stop.aborted) {
    due += gapOf(changesPerSecond, random)
    const wait = started + due - performance.now()
    if (wait > 0) await pause(wait)
    if (random() < 0.1) {
      const user = users[Math.floor(random() * users.length)] ?? ''
      pending.push(spend(user, Math.floor(random() * 1000)))
    } else pending.push(app.intake.submit(source, [changes.next()]))
  }
  await Promise.all(pending)
  return (pending.length * 1000) / (performance.now() - started)
}
