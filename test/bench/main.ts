import { createReport, readArguments, type Report } from './figure.ts'

/** `npm run bench -- <name> [--json]` */
const benches: Record<string, () => Promise<(report: Report) => Promise<void>>> = {
  agents: async () => (await import('./agents.ts')).benchAgents,
  gate: async () => (await import('./gate.ts')).benchGate,
  erase: async () => (await import('./erase.ts')).benchErase,
  ingest: async () => (await import('./ingest.ts')).benchIngest,
  perturb: async () => (await import('./perturb.ts')).benchPerturb,
  plugins: async () => (await import('./plugins.ts')).benchPlugins,
  policy: async () => (await import('./policy.ts')).benchPolicy,
  query: async () => (await import('./query.ts')).benchQuery,
  races: async () => (await import('./races.ts')).benchRaces,
  react: async () => (await import('./react.ts')).benchReact,
  selection: async () => (await import('./selection.ts')).benchSelection,
}

const { values, positionals } = readArguments()
const [name = ''] = positionals
const load = Object.hasOwn(benches, name) ? benches[name] : undefined
if (load) {
  const run = await load()
  await run(createReport(values.json))
} else {
  const known = Object.keys(benches).join(', ')
  process.stderr.write(
    `There is no benchmark "${name}". Run: npm run bench -- <${known}> [--json]\n`,
  )
  process.exitCode = 2
}
