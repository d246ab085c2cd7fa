import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSource, root, type Edge, type SourceFile } from './support/source.ts'

const files = readSource()
const edges = files.flatMap((file) => file.edges)

/** Parts of the tree, the first that matches counts; and what each may import: parts, then packages. */
const parts: readonly { name: string; path: RegExp; parts: string[]; packages?: RegExp }[] = [
  {
    name: 'leaf',
    path: /^core\/(model\/|errors\.ts|clock\.ts)/,
    parts: ['leaf'],
    packages: /^(zod|ulid|node:)/,
  },
  {
    name: 'blackboard',
    path: /^blackboard\//,
    parts: ['leaf', 'blackboard'],
    packages: /^(drizzle-orm|postgres|@electric-sql\/|node:)/,
  },
  {
    name: 'policies',
    path: /^policies\//,
    parts: ['leaf', 'policies'],
    packages: /^(zod|@casl\/|node:)/,
  },
  {
    name: 'host',
    path: /^core\/host\//,
    parts: ['leaf', 'core', 'blackboard', 'policies', 'host'],
  },
  {
    name: 'flow',
    path: /^core\/flow\//,
    parts: ['leaf', 'core', 'blackboard', 'policies', 'host', 'flow'],
  },
  {
    name: 'read',
    path: /^core\/read\//,
    parts: ['leaf', 'core', 'blackboard', 'policies', 'host', 'flow', 'read'],
  },
  // What stands beside them in core: configuration, keys, the vault, and what puts a board together.
  {
    name: 'core',
    path: /^core\//,
    parts: ['leaf', 'core', 'blackboard', 'policies', 'host', 'flow', 'read'],
  },
  // Those of the examples as well.
  {
    name: 'plugins',
    path: /^(plugins\/|api\/example\/[^/]+\/plugin\.ts$)/,
    parts: ['plugins'],
    packages: /^slateboard\/plugin$/,
  },
  // No SQL that has not passed a policy.
  {
    name: 'api',
    path: /^api\//,
    parts: ['leaf', 'core', 'policies', 'host', 'flow', 'read', 'api'],
  },
  { name: 'all', path: /^(main\.ts|vitest\.config\.ts|test\/)/, parts: ['*'] },
]

const partOf = (path: string) => parts.find((part) => part.path.test(path))

function isAllowed({ from, to, isInside }: Edge): boolean {
  const part = partOf(from)
  if (!part) return false
  if (part.name === 'plugins') return isAllowedInPlugin(from, to, isInside)
  if (part.name === 'api' && partOf(to)?.name === 'policies') return to === 'policies/ability.ts'
  if (isInside) return part.parts.includes('*') || part.parts.includes(partOf(to)?.name ?? '')
  if (part.name === 'api') return !/^(drizzle-orm|postgres|@electric-sql)/.test(to)
  return part.packages?.test(to) ?? true
}

/** A plugin is a closed folder; its tests may also use the trial, the runner and its generator. */
function isAllowedInPlugin(from: string, to: string, isInside: boolean): boolean {
  const folder = from.slice(0, from.lastIndexOf('/'))
  if (isInside) return to.startsWith(`${folder}/`)
  const isTest = from.endsWith('.test.ts')
  return (
    to === 'slateboard/plugin' || (isTest && /^(slateboard\/trial|vitest|fast-check)$/.test(to))
  )
}

const arrow = ({ from, to }: Edge): string => `${from} → ${to}`

test('sees the files and the imports that it judges', () => {
  expect(files.length).toBeGreaterThan(150)
  expect(edges.length).toBeGreaterThan(600)
  for (const name of ['leaf', 'blackboard', 'policies', 'host', 'flow', 'read']) {
    expect(files.filter(({ path }) => partOf(path)?.name === name).length, name).toBeGreaterThan(4)
  }
})

test('keeps to the allowed arrows between the parts', () => {
  expect(edges.filter((edge) => !isAllowed(edge)).map(arrow)).toEqual([])
})

test.each([
  ['blackboard/query/x.ts', 'policies/ability.ts'],
  ['blackboard/connect.ts', 'core/flow/flow.ts'],
  ['policies/ability.ts', 'blackboard/connect.ts'],
  ['core/model/json.ts', 'core/config.ts'],
  ['core/host/load.ts', 'core/flow/flow.ts'],
  ['core/flow/flow.ts', 'api/server.ts'],
  ['api/route/ingest.ts', 'blackboard/connect.ts'],
  ['api/graph/query.ts', 'policies/plan.ts'],
  ['plugins/a/plugin.ts', 'core/host/contract.ts'],
  ['plugins/a/plugin.ts', 'plugins/b/plugin.ts'],
  ['api/example/a/plugin.ts', 'api/example/run.ts'],
])('refuses the arrow from %s to %s', (from, to) => {
  expect(isAllowed({ from, to, isInside: true, isType: true })).toBe(false)
})

function cyclesAmong(all: readonly Edge[]): string[] {
  const after = Map.groupBy(
    all.filter(({ isInside, isType }) => isInside && !isType),
    ({ from }) => from,
  )
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): string[] => {
    const start = trail.indexOf(path)
    if (start >= 0) return [[...trail.slice(start), path].join(' → ')]
    if (done.has(path)) return []
    const cycles = (after.get(path) ?? []).flatMap(({ to }) => visit(to, [...trail, path]))
    done.add(path)
    return cycles
  }
  return [...after.keys()].flatMap((path) => visit(path, []))
}

test('has no cycle among the imports that remain at run time', () => {
  expect(cyclesAmong(edges)).toEqual([])
})

test('finds a cycle where there is one, and none where an import is of types only', () => {
  const ring = [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'a'],
  ] as const
  const asEdges = (isType: boolean): Edge[] =>
    ring.map(([from, to]) => ({ from, to, isInside: true, isType: isType && from === 'c' }))
  expect(cyclesAmong(asEdges(false))).toEqual(['a → b → c → a'])
  expect(cyclesAmong(asEdges(true))).toEqual([])
})

test('names no folder or file for what it is not', () => {
  const begging = /(^|\/)(utils?|helpers?|commons?|services?|managers?|types|misc|lib)(\/|\.ts$)/
  expect(files.map(({ path }) => path).filter((path) => begging.test(path))).toEqual([])
})

const isProduct = ({ path }: SourceFile): boolean => !/^(test\/|vitest)|\.test\.ts$/.test(path)

test('throws catalogued errors only', () => {
  const bare = files.filter((file) => isProduct(file) && /throw new Error\(/.test(file.text))
  expect(bare.map(({ path }) => path)).toEqual([])
})

test('reads the environment in one place', () => {
  const readers = files.filter((file) => isProduct(file) && /\bprocess\.env\b/.test(file.text))
  expect(readers.map(({ path }) => path)).toEqual(['core/config.ts'])
})

test('keeps every file within 400 lines, and a list of promises within 600', () => {
  const long = files.filter(({ path, text }) => {
    const limit = path.endsWith('.test.ts') ? 600 : 400
    return text.split('\n').length - 1 > limit
  })
  expect(long.map(({ path }) => path)).toEqual([])
})

test('gives each test of a file a name of its own', () => {
  const repeated = files
    .filter(({ path }) => path.endsWith('.test.ts'))
    .flatMap(({ path, text }) => {
      const names = [...text.matchAll(/^\s*(?:test|it)\((['"`])(.+?)\1/gm)]
        .map(([, , name = '']) => name)
        .filter((name) => !name.includes('${'))
      return names
        .filter((name, at) => names.indexOf(name) !== at)
        .map((name) => `${path}: ${name}`)
    })
  expect(repeated).toEqual([])
})

test('pins every dependency to one exact version', () => {
  const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  const groups = ['dependencies', 'devDependencies', 'optionalDependencies']
  const pins = groups.flatMap((group) => Object.entries(manifest[group] ?? {}))
  expect(pins.length).toBeGreaterThan(30)
  expect(pins.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
})
