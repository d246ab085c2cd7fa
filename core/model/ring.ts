import type { AgentManifest, Manifest } from './manifest.ts'

type Wired = Pick<AgentManifest, 'id' | 'triggers' | 'writes' | 'announces'>

const announces = (writer: Wired, key: string): boolean =>
  writer.announces.some(({ kind }) => key === kind || key === '*')

/**
 * Rings in which one agent's write wakes the next and the last wakes the first: `a/one → b/two → a/one`. Such a
 * ring ends only where an agent writes what already stands, so it is worth a look. Each ring once.
 */
export function ringsAmong(manifests: readonly Pick<Manifest, 'id' | 'agents'>[]): string[][] {
  const agents = new Map<string, Wired>(
    manifests.flatMap(({ id, agents: own }) => own.map((agent) => [`${id}/${agent.id}`, agent])),
  )
  const wakes = (writer: Wired): string[] =>
    [...agents].flatMap(([name, { triggers }]) =>
      [...triggers.traits, ...triggers.crossings.map(({ trait }) => trait)].some((key) =>
        writer.writes.includes(key),
      ) || triggers.intents.some((key) => announces(writer, key))
        ? [name]
        : [],
    )
  return ringsIn(new Map([...agents].map(([name, agent]) => [name, wakes(agent)])))
}

/** Rings of a graph, each once. @param after what comes after each */
export function ringsIn(after: ReadonlyMap<string, readonly string[]>): string[][] {
  const rings: string[][] = []
  const done = new Set<string>()
  const visit = (name: string, trail: readonly string[]): void => {
    const start = trail.indexOf(name)
    if (start >= 0) {
      rings.push(trail.slice(start))
      return
    }
    if (done.has(name)) return
    for (const next of after.get(name) ?? []) visit(next, [...trail, name])
    done.add(name)
  }
  for (const name of after.keys()) visit(name, [])
  return rings
}
