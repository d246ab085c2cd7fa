import { describe, expect, test } from 'vitest'
import {
  classOf,
  guessClass,
  split,
  splitContext,
  type Definitions,
} from '../../../core/flow/classify.ts'
import type { Json } from '../../../core/model/json.ts'
import type { DataClass, TraitDefinition } from '../../../core/model/trait.ts'

const defined = (key: string, dataClass: DataClass, guessed = false): Definitions => {
  const definition: TraitDefinition = { key, dataClass, purposes: [], owner: null }
  return new Map([[key, guessed ? { ...definition, guessed: true } : definition]])
}

describe('a class nobody registered', () => {
  const personal: [string, Json, DataClass][] = [
    ['email', 'x', 'contact'],
    ['Email_Address', 'x', 'contact'],
    ['first-name', 'Jane', 'contact'],
    ['Date Of Birth', '1990-01-01', 'contact'],
    ['note', 'write to jane@example.com', 'contact'],
    ['tel', '+49 170 1234567', 'contact'],
    ['list', [{ any: 'jane@example.com' }], 'contact'],
    ['nested', { firstName: 'Jane' }, 'contact'],
    ['religion', 'none', 'special'],
    ['plan', 'pro', 'pseudonymous'],
    ['ratio', '3 @ 4.99', 'pseudonymous'],
    ['price', '+5', 'pseudonymous'],
  ]
  test.each(personal)('of %s with %j is %s', (key, value, dataClass) => {
    expect(guessClass(key, value)).toBe(dataClass)
  })

  test('is never harmless, and personal where nobody looks that deep', () => {
    const deep = Array.from({ length: 10 }).reduce<Json>((inner) => ({ inner }), 'x')
    expect(guessClass('deep', deep)).toBe('contact')
  })

  test('is found in a long text without an address as fast as in a short one', () => {
    const texts = [
      `${'a'.repeat(32_000)}@`,
      `@${'a'.repeat(32_000)}`,
      'a@'.repeat(16_000),
      `+${'1 '.repeat(16_000)}x`,
    ]
    const started = performance.now()
    for (const text of texts) guessClass('note', text)
    expect(performance.now() - started).toBeLessThan(200)
  })
})

describe('a definition', () => {
  test('holds against what a value looks like once it is registered', () => {
    expect(classOf(defined('note', 'none'), 'note', 'jane@example.com')).toBe('none')
  })

  test('gives way to a more personal value while it is guessed, and not to a less personal one', () => {
    expect(classOf(defined('note', 'pseudonymous', true), 'note', 'jane@example.com')).toBe(
      'contact',
    )
    expect(classOf(defined('note', 'contact', true), 'note', 'nothing')).toBe('contact')
  })
})

describe('an event', () => {
  test('is parted into what may stand in its row and what belongs in the vault', () => {
    expect(split(new Map(), { plan: 'pro', email: 'jane@example.com' })).toEqual({
      open: { plan: 'pro' },
      sealed: { email: 'jane@example.com' },
    })
  })

  test('keeps who and where out of its open context', () => {
    const context = {
      ip: '10.0.0.1',
      locale: 'de',
      page: { url: 'https://shop/?mail=jane@example.com' },
      app: { n: 1 },
    }
    expect(splitContext(context)).toEqual({
      open: { locale: 'de', app: { n: 1 } },
      sealed: { ip: context.ip, page: context.page },
    })
  })
})
