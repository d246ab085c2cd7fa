import type { Board } from '../../board.ts'
import type { Channel, Message } from '../channel/channel.ts'
import type { Cleared } from './message.ts'

/** What left in a message that was delivered, and where to, as counts for the records of processing. */
export function noteSent(
  { signals }: Board,
  workspaceId: number,
  { row }: Pick<Cleared, 'row'>,
  channel: Pick<Channel, 'addressedBy'>,
  message: Message,
): void {
  const { proposerKind, proposerId, purpose, destination } = row
  const address = message.address === null ? [] : [`identifier:${channel.addressedBy}`]
  const fields = Object.keys(message.fields).map((key) => `trait:${key}`)
  const objects = [`channel:${row.channel}`, ...hostOf(destination), ...address, ...fields]
  signals.accessed(
    { workspaceId, actor: `${proposerKind}:${proposerId}`, kind: 'send', purpose },
    objects.map((object) => ({ object })),
  )
}

/** Of a URL its host alone: a path may hold anything. */
const hostOf = (destination: string | null): string[] =>
  destination !== null && URL.canParse(destination) ? [`host:${new URL(destination).hostname}`] : []
