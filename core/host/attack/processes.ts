import { line, type AttackGroup } from './attack.ts'

const child = `const cp = await get('child_process');`

export const processes: AttackGroup = {
  name: 'processes',
  lines: [
    line('run a command', `${child} return cp.execSync('id').length`),
    line('run a file', `${child} return !!cp.execFileSync('/bin/true', []) || true`),
    line(
      'spawn',
      `${child} return await new Promise((resolve, reject) => cp.spawn('true').on('spawn', () => resolve(true)).on('error', reject))`,
    ),
    line(
      'spawn and wait',
      `${child} const { error } = cp.spawnSync('true'); if (error) throw error; return true`,
    ),
    line('fork', `${child} return cp.fork('/dev/null').pid`),
    line(
      'fork a cluster',
      `const c = await get('cluster'); c.setupPrimary({ exec: '/dev/null' }); return c.fork().process.pid`,
    ),
    line('become another program', `process.execve('/bin/true', ['true'], {}); return true`),
    line(
      'start a worker',
      `const { Worker } = await get('worker_threads'); return await new Promise((resolve, reject) => new Worker('1', { eval: true }).on('online', () => resolve(true)).on('error', reject))`,
    ),
    line(
      'start a worker without limits',
      `const { Worker } = await get('worker_threads'); return !!new Worker('1', { eval: true, execArgv: [] })`,
    ),
    line('signal another process', `return process.kill(bait.pid, 0)`),
    line('signal it by the inner name', `return process._kill(bait.pid, 0) === 0`),
    line('stop another process', `return process.kill(bait.pid, 'SIGTERM')`),
    line('open the debugger of another process', `process._debugProcess(bait.pid); return true`),
    line(
      'change the priority of another process',
      `(await get('os')).setPriority(bait.pid, 5); return true`,
    ),
    line('become another user', `process.setuid(process.getuid()); return true`),
    line('join other groups', `process.setgroups([0]); return true`),
    line(
      'run tests in children',
      `const { run } = await get('test'); for await (const event of run({ files: ['/dev/null'], isolation: 'process' })) if (event.type === 'test:pass') return true`,
    ),
  ],
}
