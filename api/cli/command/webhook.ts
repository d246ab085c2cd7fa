import type { Command } from 'commander'
import { z } from 'zod'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
import type { CommandTable } from '../context.ts'

export function addWebhook(program: Command, table: CommandTable): void {
  program
    .command('webhook')
    .description('how receivers know that a webhook is ours')
    .command('secret <destination>')
    .description('print what the receiver at an address verifies signatures by; goes on record')
    .option('--json', 'print JSON')
    .action(async (destination: string, options: { json?: boolean }) => {
      await using client = await table.openClient()
      const { revealWebhookSecret } = await client.ask(
        z.object({
          revealWebhookSecret: z.object({
            secret: z.string().nullable(),
            place: z.string().nullable(),
            errors: userErrors,
          }),
        }),
        `mutation ($input: RevealWebhookSecretInput!) { revealWebhookSecret(input: $input) {
          secret place ${errorFields} } }`,
        { input: { destination } },
      )
      const { errors, secret, place } = revealWebhookSecret
      refuseErrors(errors)
      table.write(options.json ? JSON.stringify({ place, secret }) : (secret ?? ''))
    })
}
