import { describe, expect, test } from 'vitest'
import { grounds } from '../../support/ground.ts'
import { probeInput } from '../../support/probeHost.ts'

const busy = `({ profile }) => { for (;profile.traits.mode.value === 'hang';); return write(1) }`

describe.each(grounds.filter(({ name }) => name !== 'trusted'))(
  'in $name a plugin that is only looked at',
  ({ probeHost, probePackage }) => {
    test('runs in a process that nobody else is in, which is gone with it', async () => {
      await using own = probeHost({ cells: 1 })
      // A process of low priority on a busy machine may not have run for 100 ms.
      const pkg = await probePackage(busy, { timeoutMs: 1000 })
      await own.host.load('working', pkg)
      const before = own.host.stats().cells.map(({ pid }) => pid)
      await own.host.load('seen', pkg, { isApart: true })
      await own.host.load('seen too', pkg, { isApart: true })
      const during = own.host.stats().cells.map(({ pid }) => pid)
      expect(during.length).toBeGreaterThan(before.length)
      expect(during).toEqual(expect.arrayContaining(before))
      const answer = [{ ok: true, outcome: { writes: { probe: { value: 1 } } } }]
      for (const key of ['seen', 'seen too', 'working']) {
        expect(await own.host.react(key, 'probe', [probeInput('x')])).toMatchObject(answer)
      }
      await own.host.unload('seen')
      expect(await own.host.react('seen too', 'probe', [probeInput('x')])).toMatchObject(answer)
      await own.host.unload('seen too')
      expect(own.host.stats().cells.map(({ pid }) => pid)).toEqual(before)
    })

    test('hangs again and again and keeps nobody waiting', async () => {
      await using own = probeHost({ cells: 1 })
      const pkg = await probePackage(busy)
      await own.host.load('working', pkg)
      await own.host.load('seen', pkg, { isApart: true })
      const hangs = Array.from({ length: 12 }, () => probeInput('hang'))
      let isOver = false
      const hanging = own.host.react('seen', 'probe', hangs).finally(() => {
        isOver = true
      })
      expect(await own.host.react('working', 'probe', [probeInput('x')])).toMatchObject([
        { ok: true },
      ])
      expect(isOver).toBe(false)
      expect(await hanging).toContainEqual(expect.objectContaining({ code: 'plugin_timeout' }))
      await own.host.react('seen', 'probe', hangs)
      expect(own.host.stats().plugins).toMatchObject([
        { key: 'working', degraded: false },
        { key: 'seen', degraded: false },
      ])
    })

    test('that does not load leaves no process behind', async () => {
      await using own = probeHost({ cells: 1 })
      await own.host.load('working', await probePackage(busy))
      const before = own.host.stats().cells.map(({ cell }) => cell)
      const broken = { ...(await probePackage(busy)), bundle: 'throw new Error("broken")' }
      await expect(own.host.load('seen', broken, { isApart: true })).rejects.toMatchObject({
        code: 'plugin_load_failed',
      })
      expect(own.host.stats().cells.map(({ cell }) => cell)).toEqual(before)
    })
  },
)
