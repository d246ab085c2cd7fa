/** Handlers that take all they can get. The tier holds when a neighbour is answered afterwards. */
export const bombs: readonly { what: string; code: string }[] = [
  { what: 'loop', code: 'for (;;);' },
  { what: 'heap', code: 'const a = []; for (;;) a.push(new Array(10_000).fill(a.length))' },
  { what: 'buffers', code: 'const a = []; for (;;) a.push(new ArrayBuffer(1_000_000))' },
  {
    what: 'strings',
    code: `let s = 'x'; const a = []; for (;;) { s = s.length > 1e6 ? 'x' : s + s; a.push(s + a.length) }`,
  },
  { what: 'stack', code: 'const dive = () => dive() + 1; return dive()' },
  { what: 'pattern', code: `return /^(a+)+$/.test('a'.repeat(40) + 'b')` },
  { what: 'promises', code: 'for (;;) await null' },
  { what: 'waiting', code: 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)' },
  {
    what: 'WebAssembly memory',
    code: 'const a = []; for (;;) a.push(new WebAssembly.Memory({ initial: 100 }))',
  },
  {
    what: 'sort',
    code: 'for (;;) Array.from({ length: 300_000 }, (_, i) => -i).sort((a, b) => a - b)',
  },
  { what: 'big numbers', code: 'return String(3n ** 4_000_000n).length' },
  { what: 'JSON', code: `return JSON.parse('[' + '[1],'.repeat(3_000_000) + '1]').length` },
]
