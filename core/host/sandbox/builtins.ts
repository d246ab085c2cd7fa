/**
 * The built-in modules that a plugin of the tier `process` may import: they compute, and reach nothing. All
 * others are refused, when a package is read and again when it runs. A leaf: the child process reads it too.
 */
export const plainBuiltins: ReadonlySet<string> = new Set([
  'node:assert',
  'node:assert/strict',
  'node:async_hooks',
  'node:buffer',
  'node:crypto',
  'node:events',
  'node:path',
  'node:path/posix',
  'node:perf_hooks',
  'node:punycode',
  'node:querystring',
  'node:stream',
  'node:stream/promises',
  'node:stream/web',
  'node:string_decoder',
  'node:timers',
  'node:timers/promises',
  'node:url',
  'node:util',
  'node:util/types',
  'node:zlib',
])
