import { asSlateboardError } from '../core/errors.ts'
import type { Keys } from '../core/keys.ts'
import { runDemo } from './demo/demo.ts'
import type { Started } from './start.ts'

export interface GreetOptions {
  /** Load the demo workspace and show what came of it. */
  demo: boolean
  write(line: string): void
}

/** Tells whoever started the server where everything is, and shows it at work if asked to. */
export async function greet(
  server: Pick<Started, 'url' | 'receiver'>,
  keys: Keys,
  options: GreetOptions,
): Promise<void> {
  const { demo, write } = options
  const key = keys.adminKeyFile ?? 'the SLATEBOARD_ADMIN_KEY you set'
  write(`Slateboard is ready: ${server.url}`)
  write(`  GraphQL    ${server.url}/graphql`)
  write(`  Events     ${server.url}/v1/batch`)
  write(`  Console    ${server.url}/console`)
  write(`  Admin key  ${key}`)
  if (server.receiver)
    write(`  Webhooks   ${server.receiver.url}, which takes them and forgets them`)
  if (!demo) return
  try {
    await runDemo({ url: server.url, adminKey: keys.adminKey, write })
  } catch (thrown) {
    // The server works without it.
    write(`The demo ended early: ${asSlateboardError(thrown).message}`)
  }
}
