import type { Command } from 'commander'
import { z } from 'zod'
import type { CommandTable } from '../context.ts'

const graphSchema = z.object({
  agentGraph: z.object({
    nodes: z.array(z.object({ agent: z.string(), plugin: z.string(), purpose: z.string() })),
    edges: z.array(
      z.object({
        from: z.string().nullable(),
        to: z.string(),
        kind: z.string().toLowerCase(),
        key: z.string(),
      }),
    ),
    rings: z.array(z.string()),
  }),
})

/** One line an edge, such as `a/one -> b/two (trait score)`, then the rings. */
export function addAgendaGraph(agenda: Command, table: CommandTable): void {
  agenda
    .command('graph')
    .description('which agents wake which and read what of whom, as their manifests say')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      await using client = await table.openClient()
      const { agentGraph } = await client.ask(
        graphSchema,
        '{ agentGraph { nodes { agent plugin purpose } edges { from to kind key } rings } }',
      )
      if (json) {
        table.write(JSON.stringify(agentGraph, null, 2))
        return
      }
      for (const { from, to, kind, key } of agentGraph.edges) {
        table.write(`${from ?? 'outside'} -> ${to} (${kind} ${key})`)
      }
      for (const ring of agentGraph.rings) table.write(`ring: ${ring}`)
      if (agentGraph.edges.length === 0) table.write('None yet.')
    })
}
