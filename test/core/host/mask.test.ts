import { expect, test } from 'vitest'
import type { ReactInput } from '../../../core/host/contract.ts'
import { mask } from '../../../core/host/mask.ts'

const input: ReactInput = {
  profile: {
    id: 'p1',
    traits: {
      address: {
        value: { street: 'Elm Street 12', code: 90210 },
        confidence: 1,
        author: { kind: 'source', id: 's' },
        revision: 1,
        writtenAt: '',
      },
    },
  },
  causes: [
    {
      kind: 'event',
      id: 'e1',
      type: 'track',
      name: 'Order',
      timestamp: '',
      properties: { coupon: 'SAVE-ANNA' },
    },
  ],
  now: '',
}

test('masks every value that the plugin was given', () => {
  expect(mask('cannot ship to Elm Street 12, 90210 with SAVE-ANNA', input)).toBe(
    'cannot ship to [masked], [masked] with [masked]',
  )
})

test('masks addresses and long numbers wherever they come from', () => {
  expect(mask('mail bob@example.com or call +49 (171) 555-0199', undefined)).toBe(
    'mail [masked] or call [masked]',
  )
})

test('leaves ordinary messages as they are', () => {
  const message =
    "TypeError: Cannot read properties of undefined (reading 'value') (plugin.js:42:7)"
  expect(mask(message, input)).toBe(message)
})
