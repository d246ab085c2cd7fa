import { createTransport } from 'nodemailer'
import type { Json } from '../../model/json.ts'
import type { Channel, Delivery, Message } from './channel.ts'

export interface EmailOptions {
  /** `smtp://` or `smtps://` address of the mail server; absent: the channel fails what is sent by it. */
  smtpUrl: string | null
  from: string
}

const poolSize = 4
// A stop waits for what is under way, and has ten seconds in all.
const timeoutMs = 5000

/**
 * Sends an activation by SMTP to the person's own address. Content: `subject` and `text` (or `html`), in
 * which `{{key}}` stands for the permitted field of that name.
 */
export function createEmailChannel({ smtpUrl, from }: EmailOptions): Channel {
  const transport = smtpUrl
    ? createTransport({
        url: smtpUrl,
        pool: true,
        maxConnections: poolSize,
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
        disableFileAccess: true,
        disableUrlAccess: true,
      })
    : undefined
  return {
    needsDestination: false,
    addressedBy: 'email',
    circuitOf: () => 'email:smtp',
    async deliver(message) {
      if (!transport) return { result: 'failed', reason: 'channel_not_configured' }
      if (message.address === null) return { result: 'failed', reason: 'address_unknown' }
      if (!isMailbox(message.address)) return { result: 'failed', reason: 'address_invalid' }
      try {
        await transport.sendMail({
          from,
          to: { name: '', address: message.address },
          ...mailOf(message),
        })
        return { result: 'sent' }
      } catch (thrown) {
        return deliveryOf(thrown)
      }
    },
    close() {
      transport?.close()
      return Promise.resolve()
    },
  }
}

/** One plain mailbox: a list, a display name or a comment could carry a second recipient. */
const isMailbox = (address: string): boolean =>
  /^[^\s@<>()[\],;:"\\]+@[^\s@<>()[\],;:"\\]+$/.test(address)

function mailOf({ id, content, fields }: Message) {
  const fill = (value: Json | undefined, escape: (text: string) => string): string | undefined =>
    typeof value === 'string'
      ? value.replaceAll(/\{\{\s*([\w.-]+)\s*\}\}/g, (_, key: string) =>
          escape(textOf(fields[key])),
        )
      : undefined
  const plain = (text: string): string => text
  const text = fill(content['text'], plain)
  const html = fill(content['html'], escapeHtml)
  return {
    // The same id on a repeated delivery lets mail servers and readers drop the double.
    messageId: `<${id}@slateboard>`,
    subject: fill(content['subject'] ?? content['template'] ?? 'Message', oneLine) ?? 'Message',
    ...(html === undefined ? {} : { html }),
    text: text ?? (html === undefined ? JSON.stringify(content) : undefined),
    headers: { 'X-Idempotency-Key': id },
  }
}

const textOf = (value: Json | undefined): string =>
  typeof value === 'string'
    ? value
    : value === undefined || value === null
      ? ''
      : JSON.stringify(value)

const oneLine = (text: string): string => text.replaceAll(/[\r\n]+/g, ' ')

const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** SMTP answers 4xx for now and 5xx for good (RFC 5321 §4.2.1); no answer at all may be better later. */
function deliveryOf(thrown: unknown): Delivery {
  const code =
    typeof thrown === 'object' && thrown !== null && 'responseCode' in thrown
      ? thrown.responseCode
      : 0
  if (typeof code === 'number' && code >= 500) return { result: 'failed', reason: `smtp_${code}` }
  return {
    result: 'retry',
    reason: typeof code === 'number' && code > 0 ? `smtp_${code}` : 'unreachable',
  }
}
