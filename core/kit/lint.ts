import type { PluginPackage } from '../host/package.ts'
import type { AgentManifest, Manifest } from '../model/manifest.ts'
import { ringsAmong } from '../model/ring.ts'

/** What stands in the way of nothing and is still worth mending. */
export interface Advice {
  /** Where in the plugin, such as `agents.count`. */
  place: string
  text: string
}

/** Characters of a bundle from which loading becomes noticeable: an isolate loads 70 KB in some 3 ms. */
const largeBundle = 256_000
const slowMs = 500

/** What a reviewer would say of a plugin that is valid. Pure; the package is read and checked already. */
export function lintPackage({ manifest, bundle }: Omit<PluginPackage, 'digest'>): Advice[] {
  return [
    ...manifestAdvice(manifest),
    ...manifest.agents.flatMap((agent) => agentAdvice(agent, bundle)),
    ...ringsAmong([manifest]).map((ring) => ({
      place: `agents.${ring[0]?.split('/')[1] ?? ''}`,
      text: `Its writes wake it again: ${[...ring, ring[0] ?? ''].join(' → ')}. It ends only when what it writes already stands; make sure that it does.`,
    })),
    ...(bundle.length > largeBundle
      ? [
          {
            place: 'main',
            text: `The bundle has ${Math.round(bundle.length / 1000)} kB; leave out what the agents do not need.`,
          },
        ]
      : []),
  ]
}

function manifestAdvice(manifest: Manifest): Advice[] {
  const { description, traits, agents, network } = manifest
  const used = new Set(
    agents.flatMap(({ proposes, purpose }) => [purpose, ...proposes.map((one) => one.purpose)]),
  )
  return [
    ...(description
      ? []
      : [
          advice(
            'description',
            'Say in a sentence what the plugin is for; officers read it before they approve.',
          ),
        ]),
    ...traits
      .filter(({ schema }) => schema === undefined)
      .map(({ key }) =>
        advice(`traits.${key}`, 'It has no schema, so any value passes; give it one.'),
      ),
    ...traits
      .filter(({ key }) => !agents.some(({ writes }) => writes.includes(key)))
      .map(({ key }) =>
        advice(`traits.${key}`, 'No agent writes it; name it in writes or leave it out.'),
      ),
    ...network
      .filter(({ purpose }) => !used.has(purpose))
      .map(({ host, purpose }) =>
        advice(
          `network.${host}`,
          `It is for ${purpose}, which no agent works for; use the purpose of the agent that calls it.`,
        ),
      ),
  ]
}

function agentAdvice(agent: AgentManifest, bundle: string): Advice[] {
  const place = `agents.${agent.id}`
  const { reads, triggers, description, timeoutMs } = agent
  // Names that code puts together at run time are not found this way: hence advice and no error.
  const isMentioned = (name: string): boolean => bundle.includes(name)
  const properties = Object.values(reads.events).flat()
  return [
    ...(description ? [] : [advice(place, 'Say in a sentence what it does.')]),
    ...[...reads.traits, ...reads.pii]
      .filter((key) => !isMentioned(key))
      .map((key) =>
        advice(`${place}.reads`, `The code never mentions ${key}; do not read what is not needed.`),
      ),
    ...properties
      .filter((name) => !isMentioned(name))
      .map((name) =>
        advice(
          `${place}.reads.events`,
          `The code never mentions ${name}; do not read what is not needed.`,
        ),
      ),
    ...(triggers.events.includes('*')
      ? [
          advice(
            `${place}.triggers`,
            'Every event wakes it; name the events that matter, since each wake-up costs a reaction.',
          ),
        ]
      : []),
    ...Object.keys(reads.events)
      .filter(
        (name) => name !== '*' && !triggers.events.includes(name) && !triggers.events.includes('*'),
      )
      .map((name) =>
        advice(
          `${place}.reads.events`,
          `It reads properties of ${name} and is not woken by it, so it never sees them.`,
        ),
      ),
    ...(timeoutMs > slowMs
      ? [
          advice(
            `${place}.timeoutMs`,
            `${timeoutMs} ms an item is long: a batch of 50 may hold its plugin for ${Math.round((timeoutMs * 50) / 1000)} s.`,
          ),
        ]
      : []),
  ]
}

const advice = (place: string, text: string): Advice => ({ place, text })
