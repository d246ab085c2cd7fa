import { expect, test } from 'vitest'
import type { Message } from '../../../../core/flow/channel/channel.ts'
import { createEmailChannel } from '../../../../core/flow/channel/email.ts'
import { openMailbox } from '../../../support/mailbox.ts'

const message = (changes: Partial<Message> = {}): Message => ({
  id: 'activation-1',
  workspaceId: 1,
  purpose: 'marketing.promotion',
  profileId: 'profile-1',
  destination: null,
  content: { subject: 'Hello {{name}}', text: 'For you, {{name}}: {{secret}}.' },
  fields: { name: 'Ada' },
  address: 'ada@example.org',
  ...changes,
})

function open(smtpUrl: string | null) {
  const channel = createEmailChannel({ smtpUrl, from: 'shop@slateboard.test' })
  return { ...channel, [Symbol.asyncDispose]: () => channel.close() }
}

test('mails the person, with permitted fields filled in and others left out', async () => {
  await using mailbox = await openMailbox()
  await using channel = open(mailbox.url)
  expect(await channel.deliver(message())).toEqual({ result: 'sent' })
  const [mail] = mailbox.mails
  expect(mail).toMatchObject({ from: 'shop@slateboard.test', to: ['ada@example.org'] })
  expect(mail?.text).toContain('Subject: Hello Ada')
  expect(mail?.text).toContain('For you, Ada: .')
  expect(mail?.text).toContain('Message-ID: <activation-1@slateboard>')
})

test.each([
  'ada@example.org, eve@example.org',
  'ada@example.org;eve@example.org',
  'Eve <eve@example.org>',
  '"ada"@example.org',
  'ada@example.org\r\nBcc: eve@example.org',
  'ada',
  '@example.org',
])('mails nobody at %j', async (address) => {
  await using mailbox = await openMailbox()
  await using channel = open(mailbox.url)
  const delivery = await channel.deliver(message({ address }))
  expect(delivery).toEqual({ result: 'failed', reason: 'address_invalid' })
  expect(mailbox.mails).toEqual([])
})

test('lets a value break neither a header nor the markup', async () => {
  await using mailbox = await openMailbox()
  await using channel = open(mailbox.url)
  const name = 'Ada\r\nBcc: eve@example.org<script>'
  const content = { subject: 'Hello {{name}}', html: '<p>{{name}}</p>' }
  await channel.deliver(message({ content, fields: { name } }))
  const [mail] = mailbox.mails
  expect(mail?.to).toEqual(['ada@example.org'])
  const [head, body] = mail?.text.split('\r\n\r\n') ?? []
  expect(head).toContain('Subject: Hello Ada Bcc: eve@example.org')
  expect(head).not.toMatch(/^Bcc:/m)
  expect(body).toContain('<p>Ada')
  expect(body).not.toContain('<script>')
})

test.each([
  [550, { result: 'failed', reason: 'smtp_550' }],
  [450, { result: 'retry', reason: 'smtp_450' }],
])('takes the answer %i for what it is', async (code, delivery) => {
  await using mailbox = await openMailbox(() => code)
  await using channel = open(mailbox.url)
  expect(await channel.deliver(message())).toEqual(delivery)
})

test('fails without an address or a mail server, and retries where none answers', async () => {
  const mailbox = await openMailbox()
  await using channel = open(mailbox.url)
  expect(await channel.deliver(message({ address: null }))).toEqual({
    result: 'failed',
    reason: 'address_unknown',
  })
  await mailbox[Symbol.asyncDispose]()
  expect(await channel.deliver(message())).toEqual({ result: 'retry', reason: 'unreachable' })
  await using unset = open(null)
  expect(await unset.deliver(message())).toEqual({
    result: 'failed',
    reason: 'channel_not_configured',
  })
})
