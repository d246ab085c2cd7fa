import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recordConsent } from '../../../core/flow/recordConsent.ts'
import { consentInputSchema } from '../../../core/model/consent.ts'
import { identify, openTestApp, track } from '../../support/app.ts'
import { openReceiver } from '../../support/receiver.ts'
import { root } from '../../support/source.ts'

const daysAgo = (days: number) => {
  const at = new Date(Date.now() - days * 86_400_000)
  return { timestamp: at, receivedAt: at }
}

test('the shipped plugins install side by side, and work hand in hand on a customer who falls silent', async () => {
  await using receiver = await openReceiver()
  await using app = await openTestApp({ webhookUrl: receiver.url })
  const entries = await readdir(join(root, 'plugins'), { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  for (const name of names.toSorted()) await app.install(name, 'plugins')
  const installed = new Set(app.registry.all().map(({ pluginId }) => pluginId))
  expect(installed).toEqual(new Set(names))

  await app.send(
    identify('ada', { firstName: 'Ada', preferred_channel: 'webhook' }, daysAgo(201)),
    ...[200, 195, 190, 185, 180].map((days) =>
      track('ada', 'Order Completed', { total: 150 }, daysAgo(days)),
    ),
  )
  await app.idle()
  // Nobody has asked Ada yet; what the others have made ready is there when she agrees.
  expect(receiver.requests).toEqual([])
  const grant = consentInputSchema.parse({
    subject: { namespace: 'user_id', value: 'ada' },
    purpose: 'marketing.promotion',
    channel: 'webhook',
    decision: 'granted',
    proof: { method: 'checkbox' },
  })
  await recordConsent(app.board, app.intake, app.workspaceId, 'principal:test', grant)
  await app.idle()
  const [row] = await app.sql`select traits from profile where id = ${await app.profileOf('ada')}`
  expect(row?.['traits']).toMatchObject({
    purchases: { orders: 5, spent: 750 },
    segment: { name: 'lost', monetary: 3 },
    attribution: { credits: { direct: 1 } },
    message_content: { variant: 'win_back', by: 'template' },
    brand_safety: { verdict: 'fit' },
    compliance_state: { status: 'current' },
    next_best_action: { action: 'win_back' },
  })
  expect(receiver.requests.map(({ body }) => body)).toMatchObject([
    {
      content: { offer: 'discount-20', text: expect.stringContaining('{{firstName}}') },
      fields: { firstName: 'Ada' },
    },
  ])
})
