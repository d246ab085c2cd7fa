import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bait } from './attack.ts'

export interface LaidBait extends AsyncDisposable {
  bait: Bait
  /** A folder for code of the attacks. */
  codeFolder: string
  /** What was reached of it, seen from outside the attack; empty when all is as it was laid. */
  touched(): Promise<string[]>
}

/** Lays out what attacks go for: files, a server on loopback and a process, all of them thrown away afterwards. */
export async function layBait(secret: string): Promise<LaidBait> {
  await using stack = new AsyncDisposableStack()
  const root = await mkdtemp(join(tmpdir(), 'slateboard-attack-'))
  stack.defer(() => rm(root, { recursive: true, force: true }))
  const folder = join(root, 'empty')
  const codeFolder = join(root, 'code')
  const file = join(root, 'secret.json')
  const link = join(codeFolder, 'link.json')
  await Promise.all([mkdir(folder), mkdir(codeFolder)])
  await writeFile(file, JSON.stringify({ secret }))
  await symlink(file, link)
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.destroy()
  }).listen(0, '127.0.0.1')
  stack.defer(() => void server.close())
  const decoy = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    env: {},
    stdio: 'ignore',
  })
  stack.defer(() => void decoy.kill('SIGKILL'))
  await Promise.all([once(server, 'listening'), once(decoy, 'spawn')])
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const pid = decoy.pid ?? 0
  const priority = getPriority(pid)
  const held = stack.move()
  return {
    bait: { file, secret, folder, link, port, pid },
    codeFolder,
    async touched() {
      const text = await readFile(file, 'utf8').catch(() => 'gone')
      const made = await readdir(folder)
      const isAlive = decoy.exitCode === null && decoy.signalCode === null
      return [
        ...(text === JSON.stringify({ secret }) ? [] : ['the file was changed']),
        ...made.map((name) => `${name} was written`),
        ...(connections === 0 ? [] : [`${connections} connections came in`]),
        ...(isAlive && getPriority(pid) === priority ? [] : ['the other process was touched']),
        ...(Object.hasOwn(Object.prototype, 'polluted') ? ['the host was polluted'] : []),
      ]
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}
