import type { FollowUpKind } from '../../model/followUp.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Trace } from '../../model/trace.ts'
import { createEmailChannel, type EmailOptions } from './email.ts'
import type { Signer } from './signature.ts'
import { createWebhookChannel, type WebhookOptions } from './webhook.ts'

/** What a channel carries to the outside. Holds personal data: never log it. */
export interface Message {
  /** The activation's id. The receiver sees it as idempotency key: at least once, and told apart. */
  id: string
  workspaceId: number
  purpose: string
  profileId: string
  destination: string | null
  content: JsonObject
  /** Values of the permitted fields. */
  fields: JsonObject
  /** The person's address on this channel, where the channel addresses persons. */
  address: string | null
  /** What the delivery is known by to the receiver, where it is traced. */
  trace?: Trace | undefined
}

/** What follows to a destination that was sent something; no personal data but the id it was told. */
export interface FollowUpMessage {
  /** The follow-up's id, and the idempotency key: at least once, and told apart. */
  id: string
  workspaceId: number
  kind: FollowUpKind
  /** As the receiver knows the person. */
  profileId: string
  /** What the person refused, with its children; null: whatever was sent. */
  purpose: string | null
  channel: string
  destination: string | null
  /** The latest of what the destination was sent. */
  activationIds: readonly string[]
  /** When the person said or asked it. */
  at: Date
}

/** How a delivery went: `retry` may go better later, `failed` will not. The reason is a code. */
export type Delivery =
  | { result: 'sent' }
  | { result: 'retry'; reason: string }
  | { result: 'failed'; reason: string }

export interface Channel {
  /** True when it delivers to a place that the proposer names, false when it addresses the person. */
  readonly needsDestination: boolean
  /** The identifier namespace that holds a person's address; null when it does not address persons. */
  readonly addressedBy: string | null
  /** What is left alone together when deliveries fail: a host, a mail server. */
  circuitOf(destination: string | null): string
  /** Never rejects: whatever happens is a delivery result. */
  deliver(message: Message): Promise<Delivery>
  /**
   * Tells a destination what follows from what it was sent; `sent` means that it answered. Never rejects.
   * Absent: what was sent this way is with nobody but the person, and nothing can follow it.
   */
  follow?(message: FollowUpMessage): Promise<Delivery>
  close(): Promise<void>
}

export interface Channels extends AsyncDisposable {
  readonly facts: Readonly<
    Record<string, { needsDestination: boolean; addressedBy: string | null }>
  >
  find(name: string): Channel | undefined
}

export interface ChannelOptions {
  webhook: WebhookOptions
  email: EmailOptions
}

/** The channels that there are without any plugin. */
export const channelNames = ['webhook', 'email'] as const

export function createChannels(options: ChannelOptions, signer: Signer): Channels {
  const builtIn: Record<(typeof channelNames)[number], Channel> = {
    webhook: createWebhookChannel(options.webhook, signer),
    email: createEmailChannel(options.email),
  }
  const channels = new Map<string, Channel>(Object.entries(builtIn))
  return {
    facts: Object.fromEntries(
      [...channels].map(([name, { needsDestination, addressedBy }]) => [
        name,
        { needsDestination, addressedBy },
      ]),
    ),
    find: (name) => channels.get(name),
    async [Symbol.asyncDispose]() {
      await Promise.all([...channels.values()].map((channel) => channel.close()))
    },
  }
}
