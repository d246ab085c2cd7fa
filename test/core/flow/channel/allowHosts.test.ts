import { expect, onTestFinished, test } from 'vitest'
import { openReceiver } from '../../../../api/demo/receiver.ts'
import type { Message } from '../../../../core/flow/channel/channel.ts'
import { createWebhookChannel } from '../../../../core/flow/channel/webhook.ts'
import { signer } from '../../../support/signer.ts'

const message = (destination: string | null): Message => ({
  id: 'activation-1',
  workspaceId: 1,
  purpose: 'marketing.promotion',
  profileId: 'profile-1',
  destination,
  content: {},
  fields: {},
  address: null,
})

test('reaches the one private host it was allowed, and no other port beside it', async () => {
  await using receiver = await openReceiver()
  await using neighbour = await openReceiver()
  const options = { allowPrivate: false, allowHosts: [receiver.host], defaultUrl: receiver.url }
  const channel = createWebhookChannel(options, signer)
  onTestFinished(() => channel.close())
  expect(await channel.deliver(message(null))).toEqual({ result: 'sent' })
  const refused = { result: 'failed', reason: 'destination_not_https' }
  expect(await channel.deliver(message(neighbour.url))).toEqual(refused)
  expect(await channel.deliver(message(neighbour.url.replace('http:', 'https:')))).toEqual({
    result: 'failed',
    reason: 'destination_private',
  })
})

test('reaches no private host when none was allowed (refused)', async () => {
  await using receiver = await openReceiver()
  const channel = createWebhookChannel({ allowPrivate: false, defaultUrl: receiver.url }, signer)
  onTestFinished(() => channel.close())
  expect(await channel.deliver(message(null))).toMatchObject({ result: 'failed' })
})
