import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { fail } from '../../core/errors.ts'
import { readPackage } from '../../core/host/package.ts'
import { errorFields, openClient, refuseErrors, userErrors, type Client } from '../cli/client.ts'
import { createSource } from '../cli/createSource.ts'
import type { Opened } from '../start.ts'
import type { Scenario, Step } from './scenario.ts'
import { createTranscript } from './transcript.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const by = 'example'

/**
 * Plays a scenario on a platform that is open and empty, through the real API, and writes what every agent, the gate and
 * the dispatcher did, in order, as the audit log has it. Closes the platform.
 *
 * @throws command_failed when the platform refuses something
 */
export async function runScenario(
  scenario: Scenario,
  opened: Opened,
  write: (line: string) => void,
): Promise<void> {
  await using client = await openClient({
    dataDir: 'none',
    openLocal: () => Promise.resolve(opened),
  })
  const { registry, workspaceId, flow } = opened.slateboard
  for (const folder of scenario.plugins)
    await registry.install(workspaceId, await readPackage(join(root, folder)), by)
  const { writeKey } = await createSource(client, 'Example')
  const transcript = createTranscript(client, scenario)
  write(scenario.title)
  for (const [nth, step] of scenario.steps.entries()) {
    write('')
    write(`${nth + 1}. ${step.title}`)
    await play({ client, opened, writeKey, nth }, step)
    await flow?.idle()
    for (const line of await transcript.next()) write(`   ${line}`)
  }
}

interface Hall {
  client: Client
  opened: Opened
  writeKey: string
  nth: number
}

async function play({ client, opened, writeKey, nth }: Hall, step: Step): Promise<void> {
  for (const grant of step.grants ?? []) await recordGrant(client, grant)
  const batch = (step.calls ?? []).map((call, at) => ({ messageId: `${nth}-${at}`, ...call }))
  if (batch.length > 0) await send(opened, writeKey, batch)
  if (step.approves) await approveAll(client)
}

async function send({ fetch }: Opened, writeKey: string, batch: object[]): Promise<void> {
  const request = new Request('http://localhost/v1/batch', {
    method: 'POST',
    headers: {
      Authorization: `Basic ${btoa(`${writeKey}:`)}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ batch }),
  })
  const { ok, status } = await fetch(request)
  const reason = `The platform answered ${status} to a batch of events.`
  if (!ok) throw fail('command_failed', { reason, remedy: 'See the log.' })
}

async function recordGrant(
  client: Client,
  { userId, purpose, channel }: { userId: string; purpose: string; channel: string },
): Promise<void> {
  const { recordConsent: recorded } = await client.ask(
    z.object({ recordConsent: z.object({ errors: userErrors }) }),
    `mutation ($input: RecordConsentInput!) { recordConsent(input: $input) { ${errorFields} } }`,
    {
      input: {
        subject: { namespace: 'user_id', value: userId },
        purpose,
        channel,
        decision: 'GRANTED',
        proof: { method: 'checkbox', noticeId: 'privacy', noticeVersion: '1', language: 'en' },
      },
    },
  )
  refuseErrors(recorded.errors)
}

const heldSchema = z.object({
  activations: z.object({ edges: z.array(z.object({ node: z.object({ id: z.string() }) })) }),
})

async function approveAll(client: Client): Promise<void> {
  const { activations } = await client.ask(
    heldSchema,
    '{ activations(filter: { state: HELD }) { edges { node { id } } } }',
  )
  for (const { node } of activations.edges) {
    const { approveActivation } = await client.ask(
      z.object({ approveActivation: z.object({ errors: userErrors }) }),
      `mutation ($input: ApproveActivationInput!) { approveActivation(input: $input) { ${errorFields} } }`,
      { input: { id: node.id, reason: 'Looked at in the example.' } },
    )
    refuseErrors(approveActivation.errors)
  }
}
