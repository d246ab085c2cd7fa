import { line, type AttackGroup } from './attack.ts'

export const engine: AttackGroup = {
  name: 'engine',
  lines: [
    line('open an inspector', `(await get('inspector')).open(0, '127.0.0.1'); return true`),
    line(
      'open an inspector session',
      `const s = new (await get('inspector')).Session(); s.connect(); return true`,
    ),
    line(
      'set flags of V8',
      `(await get('v8')).setFlagsFromString('--no-wasm-bounds-checks'); return true`,
    ),
    line('take a heap snapshot', `return !!(await get('v8')).getHeapSnapshot()`),
    line('load a native binding', `return !!process.binding('fs')`),
    line('load a linked binding', `return !!process._linkedBinding('fs')`),
    line(
      'load a shared library',
      `const m = { exports: {} }; try { process.dlopen(m, '/lib/x86_64-linux-gnu/libm.so.6') } catch (e) { if (/self-register|NODE_MODULE_VERSION|register/.test(e.message)) return true; throw e } return true`,
    ),
    line(
      'load an add-on',
      `const { createRequire } = await get('module'); try { createRequire('file:///tmp/')(bait.folder + '/x.node') } catch (e) { if (/cannot open shared object/.test(e.message)) return true; throw e } return true`,
    ),
    line('call foreign functions', `(await get('ffi')).dlopen('libm.so.6', {}); return true`),
    line('hook the module loader', `(await get('module')).registerHooks({}); return true`),
    line(
      'register a loader',
      `(await get('module')).register('data:text/javascript,'); return true`,
    ),
    line('find a package', `return (await get('module')).findPackageJSON('file://' + bait.file)`),
    line('load an engine of OpenSSL', `(await get('crypto')).setEngine('/lib/x.so'); return true`),
    line('read a report', `return !!process.report.getReport().environmentVariables`),
    line('name the machine', `return (await get('os')).hostname()`),
    line('name the user', `return (await get('os')).userInfo().username`),
    line(
      'read its own environment',
      `const { env } = process; return env !== undefined`,
      'the environment is empty',
    ),
    line(
      'drop a permission of its own',
      `process.permission.drop('fs.read'); return true`,
      'it only takes away from itself',
    ),
    line('end itself', `return typeof process.exit === 'function'`, 'the process is started again'),
  ],
}
