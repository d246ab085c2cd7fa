import { setTimeout as pause } from 'node:timers/promises'
import { findUnaligned } from '../../../blackboard/query/findUnaligned.ts'
import { listBudgets } from '../../../blackboard/query/listBudgets.ts'
import { setBudget } from '../../../core/admin/setBudget.ts'
import { asSlateboardError } from '../../../core/errors.ts'
import { configurePlugin } from '../../../core/plugin/configure.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { putInForce } from '../../support/putInForce.ts'
import { budget, plugin } from './campaign.ts'
import type { Stage } from './stage.ts'

export const kinds = ['rules', 'caps', 'flags'] as const
export type Kind = (typeof kinds)[number]

/** What holds now. */
export interface Rules {
  goldFrom: number
  /** Whether there is anything left to spend. */
  isFunded: boolean
  /** Whether the policy lets marketing leave. */
  isPermitted: boolean
  policy: number
}

/** What was changed, and how to see that a campaign goes by it. */
export interface Disturbed {
  at: Date
  rules: Rules
  /** Whether something of before could go on. */
  isLeft(): Promise<boolean>
  /** Has the probe tried; true once it came out as the new rules say. */
  isReached(): Promise<boolean>
}

/** @param random numbers in [0, 1) */
export async function disturb(
  stage: Stage,
  kind: Kind,
  { rules, user, random }: { rules: Rules; user: string; random: () => number },
): Promise<Disturbed> {
  if (kind === 'rules') return changeSegment(stage, rules, user, 200 + Math.floor(random() * 600))
  return kind === 'caps' ? changeCap(stage, rules, user) : changePolicy(stage, rules, user)
}

async function changeSegment(
  stage: Stage,
  before: Rules,
  user: string,
  drawn: number,
): Promise<Disturbed> {
  const goldFrom = drawn === before.goldFrom ? drawn + 1 : drawn
  const rules = { ...before, goldFrom }
  // Whoever has spent so much is judged otherwise than before.
  const spent = Math.min(before.goldFrom, goldFrom)
  const expected = goldFrom < before.goldFrom ? 'gold' : 'basic'
  const tier = () => tierOf(stage, user)
  await stage.spend(user, expected === 'gold' ? 0 : 1000)
  while ((await tier()) !== (expected === 'gold' ? 'basic' : 'gold')) await pause(5)
  await configurePlugin(stage.officer, { plugin, values: { goldFrom } })
  const at = stage.app.board.clock.now()
  await stage.spend(user, spent)
  return {
    at,
    rules,
    isLeft: () => isUnaligned(stage, { plugin, policy: null, at }),
    isReached: async () => (await tier()) === expected,
  }
}

async function tierOf({ app }: Stage, user: string): Promise<string | undefined> {
  const [row] = await app.board.db.sql<{ tier: string | null }[]>`
    select p.traits ->> 'tier' as tier from profile p
    join identifier i on i.workspace_id = p.workspace_id and i.profile_id = p.id
    where i.workspace_id = ${app.workspaceId} and i.namespace = 'user_id' and i.value = ${user}`
  return row?.tier ?? undefined
}

async function changeCap(stage: Stage, before: Rules, user: string): Promise<Disturbed> {
  const rules = { ...before, isFunded: !before.isFunded }
  if (rules.isFunded) await setCap(stage, 1_000_000)
  else await capAtSpent(stage)
  const at = stage.app.board.clock.now()
  const { id } = await stage.people.propose(user, { cost: { budget, amount: 1 } })
  return {
    at,
    rules,
    isLeft: async () =>
      (await isUnaligned(stage, { plugin, policy: null, at })) || isSpending(stage, at),
    isReached: () => isDecided(stage, id, rules.isFunded && rules.isPermitted),
  }
}

/** Others spend meanwhile, and a cap below what is spent is refused. */
async function capAtSpent(stage: Stage): Promise<void> {
  for (;;) {
    const { app } = stage
    const [row] = await listBudgets(app.board.db.sql, {
      workspaceId: app.workspaceId,
      names: [budget],
    })
    try {
      return await setCap(stage, row?.spent ?? 0)
    } catch (thrown) {
      if (asSlateboardError(thrown).code !== 'budget_spent') throw thrown
    }
  }
}

async function setCap({ officer }: Stage, cap: number): Promise<void> {
  await setBudget(officer, { name: budget, unit: 'message', cap })
}

async function isSpending({ app }: Stage, at: Date): Promise<boolean> {
  const rows = await app.board.db.sql`
    select from activation
    where budget is not null and created_at <= ${at} and state in ('proposed', 'approved') and due_at <= now()
    limit 1`
  return rows.length > 0
}

async function changePolicy(stage: Stage, before: Rules, user: string): Promise<Disturbed> {
  const { app, people } = stage
  const policy = before.policy + 1
  const rules = { ...before, policy, isPermitted: !before.isPermitted }
  const { document } = shippedPolicy()
  const kept = document.rules.filter(({ id }) => id !== 'consented-activations-leave')
  await putInForce(app.board.db.sql, {
    workspaceId: app.workspaceId,
    number: policy,
    document: rules.isPermitted ? document : { ...document, rules: kept },
  })
  const at = app.board.clock.now()
  app.board.signals.send('policy')
  const { id } = await people.propose(user)
  return {
    at,
    rules,
    isLeft: () => isUnaligned(stage, { plugin: null, policy, at }),
    isReached: () => isDecided(stage, id, rules.isPermitted),
  }
}

async function isUnaligned(
  { app }: Stage,
  { plugin: of, policy, at }: { plugin: string | null; policy: number | null; at: Date },
): Promise<boolean> {
  const { db, clock } = app.board
  const now = clock.now().toISOString()
  const { workspaceId } = app
  const asked = { workspaceId, plugin: of, policy, at: at.toISOString(), now }
  const [row] = await findUnaligned(db.sql, asked)
  return row?.isLeft ?? false
}

async function isDecided({ app }: Stage, id: string, isToLeave: boolean): Promise<boolean> {
  const [row] = await app.board.db.sql<{ state: string }[]>`
    select state from activation where id = ${id}`
  return row?.state === (isToLeave ? 'sent' : 'refused')
}
