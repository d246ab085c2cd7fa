import { line, type AttackGroup } from './attack.ts'

const connected = (connect: string): string =>
  `return await new Promise((resolve, reject) => ${connect}.on('connect', () => resolve(true)).on('error', reject))`
const listening = (listen: string): string =>
  `return await new Promise((resolve, reject) => ${listen}.on('listening', () => resolve(true)).on('error', reject))`

export const network: AttackGroup = {
  name: 'network',
  lines: [
    line(
      'connect over TCP',
      `const net = await get('net'); ${connected(`net.connect(bait.port, '127.0.0.1')`)}`,
    ),
    line(
      'connect to a unix socket',
      `const net = await get('net'); ${connected(`net.connect('/var/run/docker.sock')`)}`,
    ),
    line(
      'connect to an abstract socket',
      `const net = await get('net'); ${connected(`net.connect('\\0slateboard')`)}`,
    ),
    line(
      'listen on a port',
      `const net = await get('net'); ${listening(`net.createServer().listen(0, '127.0.0.1')`)}`,
    ),
    line(
      'listen on a unix socket',
      `const net = await get('net'); ${listening(`net.createServer().listen(bait.folder + '/sock')`)}`,
    ),
    line(
      'ask over HTTP',
      `const http = await get('http'); return await new Promise((resolve, reject) => http.get({ port: bait.port, host: '127.0.0.1' }, () => resolve(true)).on('error', reject))`,
    ),
    line(
      'ask over HTTPS',
      `const https = await get('https'); return await new Promise((resolve, reject) => https.get({ port: bait.port, host: '127.0.0.1' }, () => resolve(true)).on('error', reject).on('socket', (s) => s.on('connect', () => resolve(true))))`,
    ),
    line(
      'ask over HTTP/2',
      `const h = await get('http2'); ${connected(`h.connect('http://127.0.0.1:' + bait.port)`)}`,
    ),
    line('fetch', `return !!(await fetch('http://127.0.0.1:' + bait.port))`),
    line(
      'open a WebSocket',
      `return await new Promise((resolve, reject) => { const s = new WebSocket('ws://127.0.0.1:' + bait.port); s.onopen = () => resolve(true); s.onerror = reject })`,
    ),
    line(
      'open an event source',
      `return await new Promise((resolve, reject) => { const s = new EventSource('http://127.0.0.1:' + bait.port); s.onopen = () => resolve(true); s.onerror = reject })`,
    ),
    line(
      'open TLS',
      `const tls = await get('tls'); ${connected(`tls.connect(bait.port, '127.0.0.1')`)}`,
    ),
    line(
      'send a datagram',
      `const d = (await get('dgram')).createSocket('udp4'); return await new Promise((resolve, reject) => d.on('error', reject).send('x', bait.port, '127.0.0.1', (e) => e ? reject(e) : resolve(true)))`,
    ),
    line(
      'ask DNS through the system',
      `const dns = await get('dns/promises'); return !!(await dns.lookup('localhost'))`,
    ),
    line(
      'ask DNS directly',
      `const dns = await get('dns/promises'); const r = new dns.Resolver({ timeout: 200, tries: 1 }); r.setServers(['127.0.0.1:' + bait.port]); return !!(await r.resolve4('a.example').catch((e) => { if (e.code === 'ECONNREFUSED' || e.code === 'ETIMEOUT') return true; throw e }))`,
    ),
    line(
      'look at network interfaces',
      `return Object.keys((await get('os')).networkInterfaces()).length`,
    ),
  ],
}
