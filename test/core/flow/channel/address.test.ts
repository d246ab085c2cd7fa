import { expect, test } from 'vitest'
import { isPublic, resolveHost } from '../../../../core/flow/channel/address.ts'

test.each([
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '192.0.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:169.254.169.254',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::7f00:1',
  '2002:7f00:1::',
  '2001:db8::1',
  '2001::1',
  '::127.0.0.1',
  'fec0::1',
  '100::1',
  'not an address',
])('takes %s for private', (address) => {
  expect(isPublic(address)).toBe(false)
})

test.each(['1.1.1.1', '93.184.216.34', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
  'takes %s for public',
  (address) => {
    expect(isPublic(address)).toBe(true)
  },
)

test('refuses a name that leads to this machine, and gives its address where that is allowed', async () => {
  expect(await resolveHost('localhost', false)).toEqual({ refused: 'destination_private' })
  expect(await resolveHost('localhost', true)).toMatchObject({ family: expect.any(Number) })
  expect(await resolveHost('[::1]', true)).toEqual({ address: '::1', family: 6 })
})

test('tells an unknown name from a private one', async () => {
  expect(await resolveHost('nobody.invalid', true)).toEqual({ refused: 'destination_unknown' })
})
