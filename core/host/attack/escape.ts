import { line, type AttackGroup } from './attack.ts'

/** A real process object, or what only a host would have. */
const reached = `const out = (p) => !!p && (!!p.kill || !!p.binding || !!p.mainModule || Object.keys(p.env ?? {}).length > 0);`

export const escape: AttackGroup = {
  name: 'escape',
  isInsideOnly: true,
  lines: [
    line(
      'through the constructor of functions',
      `${reached} return out(Function('return typeof process === "undefined" ? null : process')())`,
    ),
    line(
      'through the constructor of the input',
      `${reached} return out(bait.constructor.constructor('return typeof process === "undefined" ? null : process')())`,
    ),
    line(
      'through the constructor of the context',
      `${reached} return out(ctx.log.constructor('return typeof process === "undefined" ? null : process')())`,
    ),
    line(
      'through the async constructor',
      `${reached} return out(await (async () => {}).constructor('return typeof process === "undefined" ? null : process')())`,
    ),
    line(
      'through the generator constructor',
      `${reached} return out((function* () {}).constructor('return typeof process === "undefined" ? null : process')().next().value)`,
    ),
    line(
      'through indirect eval',
      `${reached} return out((0, eval)('typeof process === "undefined" ? null : process'))`,
    ),
    line(
      'through the caller',
      `${reached} const f = Function('return arguments.callee.caller'); const c = f(); return !!c && out(c.constructor('return process')())`,
    ),
    line(
      'through frames of the stack',
      `${reached} Error.prepareStackTrace = (_, frames) => frames; try { const { stack } = new Error('x'); return Array.isArray(stack) && stack.some((f) => out(f.getThis?.()) || (f.getFunction?.() && out(f.getFunction().constructor('return typeof process === "undefined" ? null : process')()))) } finally { delete Error.prepareStackTrace }`,
    ),
    line(
      'through an error of the host',
      `${reached} try { ctx.log(Symbol('x')) } catch (e) { return out(e.constructor.constructor('return typeof process === "undefined" ? null : process')()) }`,
    ),
    line(
      'through a stack overflow',
      `${reached} const dive = () => dive(); try { dive() } catch (e) { return out(e.constructor.constructor('return typeof process === "undefined" ? null : process')()) }`,
    ),
    line(
      'through a promise',
      `${reached} return out(Promise.resolve().constructor.constructor('return typeof process === "undefined" ? null : process')())`,
    ),
    line(
      'through a thenable that is called back',
      `${reached} const f = await new Promise((resolve) => resolve({ then: (a) => a(a) })); return typeof f === 'function' && out(f.constructor('return typeof process === "undefined" ? null : process')())`,
    ),
    line(
      'through a getter that is read',
      `${reached} let seen; const o = { get x() { seen = this; return 1 } }; JSON.stringify(o); return seen !== o`,
    ),
    line('through require', `return !!require('module')._load('fs')`),
    line('through a dynamic import', `return !!(await import('node:fs')).readFileSync`),
    line(
      'through a dynamic import in a built function',
      `return !!(await Function('return import("node:fs")')()).readFileSync`,
    ),
    line('through a shadow realm', `return !!new ShadowRealm().evaluate('typeof process')`),
    line('through shared memory', `return ctx.tier === 'sandbox' && !!new SharedArrayBuffer(8)`),
    line('through the main module', `return !!require.main || !!process.mainModule`),
    line(
      'through an event that the host sends',
      // A kill that throws is a closed line: the attack only counts what got through.
      `${reached} const E = await get('events'); let seen = false; const emit = E.prototype.emit; E.prototype.emit = function (...a) { if (this.kill && this.binding) try { this.kill(bait.pid, 0); seen = true } catch {} return emit.apply(this, a) }; await null; E.prototype.emit = emit; return seen`,
    ),
    line(
      'through a clock finer than 1 µs',
      `const a = performance.now(); let b = a; while (b === a) b = performance.now(); return ctx.tier === 'sandbox' && b - a < 0.001`,
    ),
  ],
}

export const pollution: AttackGroup = {
  name: 'pollution',
  isInsideOnly: true,
  lines: [
    line(
      'the prototype of all objects',
      `Object.prototype.polluted = true; delete Object.prototype.polluted; return false`,
    ),
    line(
      'through __proto__ that is handed back',
      `return JSON.parse('{"__proto__":{"polluted":true}}').polluted === true`,
    ),
    line(
      'through a prototype set by name',
      `const o = {}; o['__proto__'] = { polluted: true }; return ({}).polluted === true`,
    ),
    line(
      'through a constructor that is handed back',
      `({}).constructor.prototype.polluted = 1; const was = ({}).polluted; delete Object.prototype.polluted; return was !== 1`,
    ),
  ],
}
