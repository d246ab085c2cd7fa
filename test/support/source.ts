import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseSync } from 'oxc-parser'

export const root = join(import.meta.dirname, '../..')

/** One import of one file of the repository. */
export interface Edge {
  from: string
  /** Path inside the repository, or the name of a package. */
  to: string
  isInside: boolean
  /** Gone when types are stripped. */
  isType: boolean
}

export interface SourceFile {
  /** Relative to the root, with slashes. */
  path: string
  text: string
  edges: Edge[]
}

/** Every TypeScript file of the repository with what it imports, read by the compiler's own grammar. */
export function readSource(): SourceFile[] {
  const folders = ['core', 'blackboard', 'policies', 'api', 'plugins', 'test']
  const patterns = ['main.ts', 'vitest.config.ts', ...folders.map((folder) => `${folder}/**/*.ts`)]
  const paths = globSync(patterns, { cwd: root }).map((path) => path.replaceAll('\\', '/'))
  return paths.toSorted().map((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    return { path, text, edges: edgesOf(path, text) }
  })
}

function edgesOf(from: string, text: string): Edge[] {
  const { module } = parseSync(from, text)
  const edge = (specifier: string, isType: boolean): Edge => {
    const isInside = specifier.startsWith('.')
    const path = relative(root, join(root, dirname(from), specifier)).replaceAll('\\', '/')
    return { from, to: isInside ? path : specifier, isInside, isType }
  }
  const imports = module.staticImports.map(({ moduleRequest, entries }) =>
    edge(moduleRequest.value, entries.length > 0 && entries.every(({ isType }) => isType)),
  )
  const reexports = module.staticExports
    .flatMap(({ entries }) => entries)
    .flatMap(({ moduleRequest, isType }) =>
      moduleRequest ? [edge(moduleRequest.value, isType)] : [],
    )
  const dynamic = module.dynamicImports.flatMap(({ moduleRequest }) => {
    const literal = /^(['"])(.+)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end))
    return literal?.[2] === undefined ? [] : [edge(literal[2], false)]
  })
  return [...imports, ...reexports, ...dynamic]
}
