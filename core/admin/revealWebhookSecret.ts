import { z } from 'zod'
import { fail } from '../errors.ts'
import { webhookSecret } from '../flow/channel/signature.ts'
import { demand, type Reader } from '../read/reader.ts'
import { audit } from './audit.ts'
import { parseInput } from './parseInput.ts'

const inputSchema = z.object({ destination: z.string().max(2000) })

/**
 * What the receiver at a destination verifies our webhooks by. Whoever has it can pass for this Slateboard there,
 * so it is for those who hand out keys, and each time is put down.
 *
 * @throws forbidden, bad_input
 */
export async function revealWebhookSecret(
  reader: Reader,
  input: { destination: string },
): Promise<{ secret: string; place: string }> {
  demand(reader, 'administer', 'Principal')
  const { destination } = parseInput(inputSchema, input)
  const { board, principal } = reader
  const { workspaceId } = principal
  const found = webhookSecret(board.vault, workspaceId, destination)
  if (!found) {
    const reason = 'it is no http or https address that webhooks could go to'
    throw fail('bad_input', { path: 'input.destination', reason })
  }
  await audit(board.db.sql, board, {
    workspaceId,
    actor: `principal:${principal.id}`,
    action: 'webhook.reveal',
    object: `webhook:${new URL(found.place).host}`,
    payload: {},
  })
  board.signals.send('audit')
  return found
}
