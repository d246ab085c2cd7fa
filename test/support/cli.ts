import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClient } from '../../api/cli/client.ts'
import type { CommandTable } from '../../api/cli/context.ts'
import { runCommand } from '../../api/cli/program.ts'
import { openGraph } from './graph.ts'

/** Commands over a seeded workspace; what they print, by line. */
export async function openCli() {
  const graph = await openGraph()
  const admin = await graph.principal('admin')
  const dataDir = mkdtempSync(join(tmpdir(), 'slate-cli-'))
  const opened: string[] = []
  const table: CommandTable = {
    start: () => Promise.resolve(),
    demo: () => Promise.resolve(),
    migrate: () => Promise.resolve({ applied: [] }),
    openClient: () =>
      openClient({
        dataDir,
        adminKey: admin.key,
        commandKey,
        openLocal: () => {
          opened.push('local')
          return Promise.resolve({
            fetch: (request) => graph.app.fetch(request),
            adminKey: admin.key,
            [Symbol.asyncDispose]: () => Promise.resolve(),
          })
        },
      }),
    write: (line) => out.push(line),
  }
  let out: string[] = []
  let commandKey: string | undefined
  async function run(...args: string[]) {
    out = []
    const complaints: string[] = []
    const code = await runCommand(args, table, (line) => complaints.push(line))
    return { code, out: out.join('\n'), complaints: complaints.join('\n') }
  }
  /** Runs commands as somebody else than the administrator. */
  const as =
    (key: string) =>
    async (...args: string[]) => {
      commandKey = key
      const done = await run(...args)
      commandKey = undefined
      return done
    }
  return {
    ...graph,
    admin,
    as,
    dataDir,
    opened,
    run,
    [Symbol.asyncDispose]: () => graph[Symbol.asyncDispose](),
  }
}
