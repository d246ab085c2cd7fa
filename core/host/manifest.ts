import { satisfies, validRange } from 'semver'
import { z } from 'zod'
import { fail, type SlateboardError } from '../errors.ts'
import { isObject, jsonSchema, type Json } from '../model/json.ts'
import { manifestSchema, type AgentManifest, type Manifest } from '../model/manifest.ts'
import { cronProblem } from './cron.ts'
import { triggersOf } from './subscriptions.ts'
import { readPrecondition } from './precondition.ts'
import { readConfigShape } from '../model/pluginConfig.ts'
import { isVaulted } from '../model/trait.ts'
import { readTraitSchema } from '../model/traitSchema.ts'
import { nearest } from '../model/nearest.ts'

/** plugin.schema.json: what editors check a plugin.json against. A test keeps the file current. */
export function manifestJsonSchema(): z.core.JSONSchema.BaseSchema {
  return {
    $id: 'https://slateboard.dev/schema/plugin-1.json',
    title: 'Slateboard plugin manifest',
    ...z.toJSONSchema(manifestSchema, { io: 'input' }),
  }
}

/**
 * The manifest in the text of a plugin.json. Throws `manifest_invalid`, which lists every problem as
 * path, value and remedy.
 */
export function readManifest(text: string): Manifest {
  const raw = parse(text)
  const read = manifestSchema.safeParse(raw)
  if (!read.success) throw invalid(read.error.issues.flatMap((issue) => describe(issue, raw)))
  const problems = contradictions(read.data)
  if (problems.length > 0) throw invalid(problems)
  return read.data
}

/** Throws `plugin_incompatible` when the plugin does not accept this version of the product. */
export function checkManifest(manifest: Manifest, productVersion: string): void {
  const range = manifest.engines.slateboard
  if (satisfies(productVersion, range, { includePrerelease: true })) return
  throw fail('plugin_incompatible', {
    plugin: manifest.id,
    version: manifest.version,
    range,
    productVersion,
  })
}

function invalid(problems: string[]): SlateboardError {
  const shown = problems.slice(0, 20).join('; ')
  const rest = problems.length > 20 ? `; and ${problems.length - 20} more` : ''
  return fail('manifest_invalid', { problems: shown + rest })
}

function parse(text: string): Json {
  let proto: string | undefined
  try {
    const raw: unknown = JSON.parse(text)
    proto = findProto(raw, '')
    // zod drops such a key without a word; it is no accident, so it is refused aloud.
    if (proto === undefined) return jsonSchema.parse(raw)
  } catch (cause) {
    throw fail(
      'manifest_invalid',
      { problems: 'the file is not JSON; check commas, quotes and depth' },
      cause,
    )
  }
  throw invalid([`${proto} is refused; rename the key`])
}

/** The path of the first `__proto__` key, at any depth. */
function findProto(value: unknown, path: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, item] of Object.entries(value)) {
    const place = Array.isArray(value) ? `${path}[${key}]` : join(path, key)
    const found = key === '__proto__' ? place : findProto(item, place)
    if (found !== undefined) return found
  }
  return undefined
}

const join = (path: string, key: string): string =>
  path === '' || key === '' ? path + key : `${path}.${key}`

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : join(text, String(part))),
    '',
  ) || 'plugin.json'

function describe(issue: z.core.$ZodIssue, raw: Json): string[] {
  const path = pathText(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(issue.path)
    return issue.keys.map((key) => {
      const meant = nearest(key, known)
      const remedy =
        meant === undefined ? `known keys are ${known.join(', ')}` : `did you mean "${meant}"?`
      return `${join(issue.path.length === 0 ? '' : path, key)} is not a key of the manifest: ${remedy}`
    })
  }
  const value = issue.path.reduce<Json | undefined>(child, raw)
  if (value === undefined) return [`${path} is missing: add it`]
  return [`${path} is ${shorten(JSON.stringify(value))}: ${issue.message}`]
}

function child(value: Json | undefined, part: PropertyKey): Json | undefined {
  if (Array.isArray(value)) return typeof part === 'number' ? value[part] : undefined
  return isObject(value) && Object.hasOwn(value, part) ? value[String(part)] : undefined
}

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}...` : text)

/** The keys that the published schema allows at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let node: Json | undefined = jsonSchema.parse(manifestJsonSchema())
  for (const part of path) {
    if (!isObject(node)) return []
    node = typeof part === 'number' ? node['items'] : child(node['properties'], part)
  }
  return isObject(node) && isObject(node['properties']) ? Object.keys(node['properties']) : []
}

/** What zod cannot see: parts of the manifest that contradict each other. */
function contradictions(manifest: Manifest): string[] {
  return [
    ...rangeProblems(manifest),
    ...twice(manifest.traits.map((trait) => trait.key)).map(
      (key) => `traits has the key "${key}" twice: keep one definition`,
    ),
    ...(manifest.agents.length + manifest.performers.length === 0
      ? ['agents is []: declare at least one agent, or a performer']
      : []),
    ...twice([...manifest.agents, ...manifest.performers].map(({ id }) => id)).map(
      (id) => `agents has the id "${id}" twice: give each agent and performer its own id`,
    ),
    ...schemaProblems(manifest),
    ...ownershipProblems(manifest),
    ...configProblems(manifest),
    ...stateProblems(manifest),
    ...manifest.agents.flatMap((agent, at) => agentProblems(manifest, agent, `agents[${at}]`)),
  ]
}

function rangeProblems(manifest: Manifest): string[] {
  const range = manifest.engines.slateboard
  return validRange(range) === null
    ? [`engines.slateboard is "${range}": use a version range such as ^0.1.0`]
    : []
}

function schemaProblems(manifest: Manifest): string[] {
  return manifest.traits.flatMap(({ schema }, at) => {
    const read = schema && readTraitSchema(schema)
    if (!read || !('problem' in read)) return []
    const { path, reason, keyword } = read.problem
    const place = join(`traits[${at}].schema`, path)
    return [
      keyword === undefined
        ? `${place}: ${reason}`
        : `${place} uses ${keyword}: leave it out, trait schemas know only keywords whose cost is bounded`,
    ]
  })
}

function ownershipProblems(manifest: Manifest): string[] {
  const shared = new Set([
    ...manifest.sharedTraits,
    ...manifest.traits.flatMap(({ key, shares }) => (shares ? [key] : [])),
  ])
  const written = manifest.agents.flatMap((agent) => [...new Set(agent.writes)])
  return [
    ...twice(written)
      .filter((key) => !shared.has(key))
      .map((key) => `"${key}" is written by two agents: a trait has one writer, split it`),
    ...manifest.sharedTraits
      .filter((key) => manifest.traits.some((trait) => trait.key === key))
      .map((key) => `sharedTraits names "${key}", which is the plugin's own: say shares in traits`),
    ...manifest.sharedTraits
      .filter((key) => !written.includes(key))
      .map((key) => `sharedTraits names "${key}", which no agent writes: leave it out`),
    ...manifest.traits.flatMap(({ key, shares }, at) =>
      shares?.quorum !== undefined && shares.rule !== 'vote'
        ? [`traits[${at}].shares.quorum is of a vote, and the rule of "${key}" is ${shares.rule}`]
        : [],
    ),
  ]
}

function configProblems({ config }: Manifest): string[] {
  const read = readConfigShape(config?.schema)
  const names = config?.secrets.map(({ name }) => name) ?? []
  return [
    ...('problem' in read
      ? [`${join('config.schema', read.problem.path)}: ${read.problem.reason}`]
      : []),
    ...twice(names).map((name) => `config.secrets has "${name}" twice: keep one`),
  ]
}

function stateProblems({ state, agents }: Manifest): string[] {
  return agents.flatMap((agent, at) =>
    (['profile', 'plugin'] as const).flatMap((kind) =>
      (agent.state?.[kind] ?? [])
        .filter((key) => !state?.[kind].includes(key))
        .map(
          (key) =>
            `agents[${at}].state.${kind} names "${key}", which the plugin does not keep: declare it in state.${kind}`,
        ),
    ),
  )
}

function agentProblems(manifest: Manifest, agent: AgentManifest, path: string): string[] {
  const owned = new Map(manifest.traits.map((trait) => [trait.key, trait]))
  const { triggers } = agent
  const { events, traits, crossings, schedules, objectives, consents, intents } = triggers
  const declared = [events, traits, crossings, schedules, objectives, intents]
  const named = declared.reduce((sum, { length }) => sum + length, 0)
  const idle = named === 0 && !consents
  return [
    ...(idle
      ? [
          `${path}.triggers is empty: name events, traits, crossings, schedules, objectives or consents that wake the agent`,
        ]
      : []),
    ...schedules.flatMap((schedule, nth) => {
      const problem = cronProblem(schedule)
      return problem === undefined ? [] : [`${path}.triggers.schedules[${nth}] ${problem}`]
    }),
    ...twice(schedules.map(({ cron, timezone }) => `${cron} ${timezone}`)).map(
      (schedule) => `${path}.triggers.schedules has "${schedule}" twice: keep one`,
    ),
    ...joinProblems(agent, path),
    ...twice(agent.announces.map(({ kind }) => kind)).map(
      (kind) => `${path}.announces has "${kind}" twice: keep one`,
    ),
    ...(['events', 'traits'] as const).flatMap((kind) =>
      agent.obviations[kind]
        .filter((key) => triggers[kind].some((own) => own === key))
        .map(
          (key) =>
            `${path}.obviations.${kind} has "${key}", which wakes it: keep it in one, or decide in the handler`,
        ),
    ),
    ...twice(triggers.crossings.map(({ trait }) => trait)).map(
      (key) => `${path}.triggers.crossings has "${key}" twice: give above and below in one`,
    ),
    ...twice(agent.needs.map(({ trait }) => trait)).map(
      (key) => `${path}.needs has "${key}" twice: keep the shorter maxAgeMs`,
    ),
    ...[
      ...agent.needs.map(({ trait }) => trait),
      ...triggers.crossings.map(({ trait }) => trait),
      ...(typeof agent.rating === 'number' ? [] : [agent.rating.trait]),
    ]
      .filter((key) => !agent.reads.traits.includes(key))
      .map((key) => `${path} goes by "${key}", which it does not read: add it to reads.traits`),
    ...readPrecondition(agent, path).problems,
    ...agent.writes
      .filter((key) => !owned.has(key) && !manifest.sharedTraits.includes(key))
      .map(
        (key) =>
          `${path}.writes names "${key}", which the plugin does not own: declare it in traits, or in sharedTraits where its plugin shares it`,
      ),
    ...agent.reads.traits
      .filter((key) => isVaulted(owned.get(key)?.class ?? 'none'))
      .map(
        (key) =>
          `${path}.reads.traits names "${key}", which is personal data: move it to reads.pii`,
      ),
    ...agent.reads.pii
      .filter((key) => agent.reads.traits.includes(key))
      .map((key) => `${path}.reads names "${key}" in traits and in pii: keep it in pii alone`),
  ]
}

function joinProblems(agent: AgentManifest, path: string): string[] {
  const { join, triggers } = agent
  if (join === undefined) return []
  const count = triggersOf(agent).length
  return [
    ...(count < 2
      ? [`${path}.join waits for several triggers, and there is one: leave it out`]
      : []),
    ...(typeof join.need === 'number' && join.need > count
      ? [`${path}.join.need is ${join.need}, of ${count} triggers: give at most ${count}, or "all"`]
      : []),
    ...(agent.announces.length > 0
      ? [
          `${path}.join does not wait for what became of intents: announce them by an agent of their own`,
        ]
      : []),
    ...(triggers.schedules.length > 0
      ? [`${path}.join does not wait for schedules: give these to an agent of their own`]
      : []),
    ...(triggers.objectives.length > 0
      ? [`${path}.join does not wait for objectives: give these to an agent of their own`]
      : []),
  ]
}

const twice = (items: string[]): string[] => [
  ...new Set(items.filter((item, at) => items.indexOf(item) !== at)),
]
