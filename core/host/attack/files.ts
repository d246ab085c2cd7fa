import { line, type AttackGroup } from './attack.ts'

const fs = `const fs = await get('fs');`
const promises = `const fs = await get('fs/promises');`
const told = `return String(text).includes(bait.secret)`

export const files: AttackGroup = {
  name: 'files',
  lines: [
    line('read a file by name', `${fs} const text = fs.readFileSync(bait.file); ${told}`),
    line(
      'read it by Buffer',
      `${fs} const text = fs.readFileSync(Buffer.from(bait.file)); ${told}`,
    ),
    line(
      'read it by bytes',
      `${fs} const text = fs.readFileSync(new TextEncoder().encode(bait.file)); ${told}`,
    ),
    line(
      'read it by URL',
      `${fs} const text = fs.readFileSync(new URL('file://' + bait.file)); ${told}`,
    ),
    line(
      'read it by a way up and down',
      `${fs} const text = fs.readFileSync('/tmp/../proc/self/root' + bait.file); ${told}`,
    ),
    line('read it by promise', `${promises} const text = await fs.readFile(bait.file); ${told}`),
    line(
      'read it as a stream',
      `${fs} let text = ''; for await (const part of fs.createReadStream(bait.file)) text += part; ${told}`,
    ),
    line(
      'read it as a blob',
      `${fs} const text = await (await fs.openAsBlob(bait.file)).text(); ${told}`,
    ),
    line('open it', `${fs} return fs.openSync(bait.file, 'r') > 0`),
    line('import it', `const text = JSON.stringify(await import(bait.file)); ${told}`),
    line('load it as environment', `process.loadEnvFile(bait.file); return true`),
    line('ask whether it exists', `${fs} return fs.existsSync(bait.file)`),
    line('ask for its size', `${fs} return fs.statSync(bait.file).size`),
    line('list a folder', `${fs} return fs.readdirSync('/').length`),
    line('search a folder', `${fs} return fs.globSync('/*').length`),
    line('watch a file', `${fs} fs.watch(bait.file).close(); return true`),
    line('resolve a path', `${fs} return fs.realpathSync.native(bait.file)`),
    line(
      'read the environment of a process',
      `${fs} return fs.readFileSync('/proc/' + bait.pid + '/environ').length`,
    ),
    line('read its own memory', `${fs} return fs.openSync('/proc/self/mem', 'r') > 0`),
    line('read through a symbolic link', `${fs} const text = fs.readFileSync(bait.link); ${told}`),
    line('follow a symbolic link', `${fs} return fs.readlinkSync(bait.link)`),
    line('write a file', `${fs} fs.writeFileSync(bait.folder + '/w', 'x'); return true`),
    line('append to a file', `${fs} fs.appendFileSync(bait.file, 'x'); return true`),
    line('make a folder', `${fs} fs.mkdirSync(bait.folder + '/d'); return true`),
    line('make a temporary folder', `${fs} return fs.mkdtempSync(bait.folder + '/t')`),
    line(
      'make a symbolic link',
      `${fs} fs.symlinkSync(bait.file, bait.folder + '/s'); return true`,
    ),
    line('make a hard link', `${fs} fs.linkSync(bait.file, bait.folder + '/h'); return true`),
    line('copy a file', `${fs} fs.copyFileSync(bait.file, bait.folder + '/c'); return true`),
    line('rename a file', `${fs} fs.renameSync(bait.file, bait.folder + '/r'); return true`),
    line('delete a file', `${fs} fs.rmSync(bait.file); return true`),
    line('change rights', `${fs} fs.chmodSync(bait.file, 0o777); return true`),
    line('change times', `${fs} fs.utimesSync(bait.file, 0, 0); return true`),
    line('write a report', `return process.report.writeReport(bait.folder + '/report.json')`),
    line(
      'write a heap snapshot',
      `return (await get('v8')).writeHeapSnapshot(bait.folder + '/h.heapsnapshot')`,
    ),
    line('change the working folder', `process.chdir('/'); return true`),
    line(
      'keep a compile cache',
      `const m = await get('module'); const { status } = m.enableCompileCache(bait.folder); return status === 1`,
    ),
    line(
      'open a database file',
      `const s = await get('sqlite'); new s.DatabaseSync(bait.folder + '/db').exec('create table a (b)'); return true`,
    ),
    line(
      'open a database in memory',
      `const s = await get('sqlite'); return !!new s.DatabaseSync(':memory:')`,
    ),
    line(
      'use WASI',
      `const { WASI } = await get('wasi'); return !!new WASI({ version: 'preview1', preopens: { '/': '/' } }).getImportObject() && !!(await get('fs')).readdirSync('/')`,
    ),
    line('keep local storage', `localStorage.setItem('a', 'b'); return localStorage.getItem('a')`),
  ],
}
