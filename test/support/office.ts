import { pino } from 'pino'
import { createMetrics } from '../../core/metrics.ts'
import type { PolicyDocument } from '../../core/model/policy.ts'
import { activatePolicy } from '../../core/policy/activatePolicy.ts'
import { approvePolicy } from '../../core/policy/approvePolicy.ts'
import { proposePolicy } from '../../core/policy/proposePolicy.ts'
import { loadVersion } from '../../core/policy/version.ts'
import type { Reader } from '../../core/read/reader.ts'
import { shippedPolicy } from '../../policies/shipped.ts'
import { openReading } from './reading.ts'

const { document: shipped } = shippedPolicy()
// What tests change about the shipped rules, its own tests would not put up with.
const { tests: _, ...bare } = shipped

/** Apps see no contact data any more. */
export const narrower: PolicyDocument = {
  ...bare,
  title: 'Narrower',
  rules: bare.rules.filter(({ id }) => id !== 'app-reads-contact-for-service'),
}

/** Apps see contact data for analytics as well. */
export const wider: PolicyDocument = {
  ...bare,
  title: 'Wider',
  rules: bare.rules.map((rule) =>
    rule.id === 'app-reads-contact-for-service'
      ? { ...rule, purposes: ['service', 'analytics'] }
      : rule,
  ),
}

/** Where policies are written: a workspace with the shipped policy, and people who may change it. */
export async function openOffice() {
  const alarms: string[] = []
  const log = pino(
    { level: 'error' },
    { write: (line: string) => void alarms.push(JSON.parse(line).msg) },
  )
  const reading = await openReading(bare, { log })
  const { board, policies, sql, workspaceId } = reading
  const metrics = createMetrics(board)

  return {
    ...reading,
    alarms,
    shipped: bare,
    officers: async (): Promise<[Reader, Reader, Reader]> => [
      await reading.reader('officer'),
      await reading.reader('officer'),
      await reading.reader('admin'),
    ],
    version: (number: number) => loadVersion(sql, workspaceId, number),
    active: async () => (await policies.of(workspaceId)).number,
    async enact(author: Reader, approver: Reader, document: PolicyDocument): Promise<number> {
      const number = await proposePolicy(author, { document, reason: 'test' })
      await approvePolicy(approver, { number })
      return activatePolicy(author, { number })
    },
    enactments: () => sql`select number, replaced, kind, reason from policy_enactment order by id`,
    async audited(): Promise<string[]> {
      const rows = await sql<{ action: string }[]>`
        select action from audit_inbox where action like 'policy.%' order by id`
      return rows.map(({ action }) => action)
    },
    async metric(name: string): Promise<string | undefined> {
      const text = await metrics.registry.metrics()
      return new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]
    },
    [Symbol.asyncDispose]: () => reading[Symbol.asyncDispose](),
  }
}
