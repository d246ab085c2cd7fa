import type { Logger } from 'pino'
import { beatWorker } from '../../blackboard/query/beatWorker.ts'
import type { DispatchDeps } from '../../core/flow/dispatch/dispatch.ts'
import { dispatchApproved } from '../../core/flow/dispatch/dispatcher.ts'
import { createFollower } from '../../core/flow/followUp/deliver.ts'
import { decideProposed } from '../../core/flow/gate/gate.ts'
import { propose } from '../../core/flow/propose.ts'
import { recordConsent, type RecordedConsent } from '../../core/flow/recordConsent.ts'
import { consentInputSchema, type ConsentDecision } from '../../core/model/consent.ts'
import { proposalSchema, type Proposal } from '../../core/model/activation.ts'
import type { Check } from '../../core/model/decision.ts'
import { openTestApp, testClock, type TestApp, type TestClock } from './app.ts'
import { openReceiver, type Receiver } from './receiver.ts'

interface Options {
  answer?: Parameters<typeof openReceiver>[0]
  smtpUrl?: string
  allowPrivate?: boolean
  log?: Logger
}

export interface ActivationState {
  state: string
  error: string | null
  attempts: number
  dueAt: Date
  leaseOwner: string | null
}

export interface DecisionRow {
  kind: string
  outcome: string
  reason: string
  checks: Check[]
  policyNumber: number
}

export interface Outward extends AsyncDisposable {
  app: TestApp
  clock: TestClock
  receiver: Receiver
  deps: DispatchDeps
  /** Deps of another worker that lives. */
  another(): Promise<DispatchDeps>
  say(user: string, decision: ConsentDecision, more?: object): Promise<RecordedConsent>
  /** Proposes a promotion by webhook to the receiver, decided on return; gives the activation's id. */
  propose(user: string, changes?: Partial<Proposal>, principalId?: string): Promise<string>
  decide(): Promise<number>
  dispatch(deps?: DispatchDeps): Promise<number>
  /** Passes on the follow-ups that are due. */
  follow(deps?: DispatchDeps): Promise<number>
  activation(id: string): Promise<ActivationState>
  decisions(id: string): Promise<DecisionRow[]>
}

/** Gate and dispatch run by hand, with time that stands still and a receiver that counts. */
export async function openOutward({ answer, ...options }: Options = {}): Promise<Outward> {
  await using stack = new AsyncDisposableStack()
  const clock = testClock()
  const receiver = stack.use(await openReceiver(answer))
  const app = stack.use(await openTestApp({ works: false, clock, ...options }))
  const { workspaceId, board, sql } = app
  const leaseMs = 600_000
  const deps: DispatchDeps = { ...app, crew: app.registry, owner: clock.id(), leaseMs }
  const admin = await app.principal()
  const held = stack.move()
  return {
    app,
    clock,
    receiver,
    deps,
    async another() {
      const owner = clock.id()
      await beatWorker(sql, {
        id: owner,
        leaseMs,
      })
      return {
        ...deps,
        owner,
      }
    },
    say(user, decision, more = {}) {
      clock.advance(1)
      const input = consentInputSchema.parse({
        subject: {
          namespace: 'user_id',
          value: user,
        },
        purpose: 'marketing.promotion',
        channel: 'webhook',
        decision,
        proof: { method: 'test' },
        ...more,
      })
      return recordConsent(board, app.intake, workspaceId, `principal:${admin.id}`, input)
    },
    async propose(user, changes = {}, principalId = admin.id) {
      const proposal = proposalSchema.parse({
        purpose: 'marketing.promotion',
        channel: 'webhook',
        destination: `${receiver.url}/hook`,
        ...changes,
      })
      const subject = {
        namespace: 'user_id',
        value: user,
      }
      const { id } = await propose(deps, workspaceId, principalId, subject, proposal)
      return id
    },
    decide: () => decideProposed(deps),
    dispatch: (by = deps) => dispatchApproved(by),
    async follow(by = deps) {
      const follower = createFollower(by)
      const count = await follower.run()
      await follower.settled()
      return count
    },
    async activation(id) {
      const [row] = await sql<ActivationState[]>`
        select state, last_error as error, attempts, due_at as "dueAt", lease_owner as "leaseOwner"
        from activation where id = ${id}`
      if (!row) throw new TypeError(`no activation ${id}`)
      return row
    },
    decisions: (id) => sql<DecisionRow[]>`
      select kind, outcome, reason, checks, policy_number as "policyNumber"
      from decision where activation_id = ${id} order by id`,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}
