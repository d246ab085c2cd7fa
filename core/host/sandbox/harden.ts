/**
 * The third wall, for code that got out of its confinement: takes away what Node's permission model leaves
 * open. Importing it is enough. Runs in cells and in processes of single plugins, never in the host.
 *
 * Found open with all grants denied: signals to the parent, which can also open its inspector; its priority;
 * V8 flags; and, where add-ons are allowed, any shared library of the machine.
 */
import module, { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import v8 from 'node:v8'

const refuse = (): never => {
  throw new TypeError('it is not available to plugins')
}

const taken: readonly [object: object, names: readonly string[]][] = [
  [
    process,
    [
      'abort',
      'binding',
      'chdir',
      'dlopen',
      'execve',
      'getBuiltinModule',
      'initgroups',
      'kill',
      'loadEnvFile',
      'openStdin',
      'setegid',
      'seteuid',
      'setgid',
      'setgroups',
      'setuid',
      'umask',
      '_debugEnd',
      '_debugProcess',
      '_kill',
      '_linkedBinding',
    ],
  ],
  [os, ['hostname', 'networkInterfaces', 'setPriority', 'userInfo']],
  [
    v8,
    ['getHeapSnapshot', 'setFlagsFromString', 'setHeapSnapshotNearHeapLimit', 'writeHeapSnapshot'],
  ],
  [module, ['findPackageJSON', 'register', 'registerHooks']],
]

for (const [object, names] of taken) {
  for (const name of names) {
    if (!Reflect.has(object, name)) continue
    const fixed = { value: refuse, writable: false, configurable: false }
    // A getter without a setter, or a property that Node froze itself, keeps its own refusal.
    Reflect.defineProperty(object, name, fixed)
  }
}
Reflect.deleteProperty(process, 'report')
// What is imported by name follows what stands on the module's object only after this.
syncBuiltinESMExports()
