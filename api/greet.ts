import type { Keys } from '../core/keys.ts'
import type { Started } from './start.ts'

export interface GreetOptions {
  /** Load the demo workspace and show what came of it. */
  demo: boolean
  write(line: string): void
}

/** Tells whoever started the server where everything is. */
export async function greet(server: Started, keys: Keys, { write }: GreetOptions): Promise<void> {
  const key = keys.adminKeyFile ?? 'the SLATEBOARD_ADMIN_KEY you set'
  write(`Slateboard is ready: ${server.url}`)
  write(`  GraphQL    ${server.url}/graphql`)
  write(`  Events     ${server.url}/v1/batch`)
  write(`  Console    ${server.url}/console`)
  write(`  Admin key  ${key}`)
}
