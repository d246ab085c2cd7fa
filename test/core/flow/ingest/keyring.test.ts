import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Keyring } from '../../../../core/flow/ingest/keyring.ts'
import { openVault } from '../../../../core/vault.ts'

test('opened keys are remembered between batches until they are to be forgotten', () => {
  const vault = openVault(randomBytes(32))
  let opened = 0
  const keyring = new Keyring({
    ...vault,
    unwrap: (...args) => {
      opened += 1
      return vault.unwrap(...args)
    },
  })
  const { key, wrapped } = vault.createKey(1, 'ada')
  const keyOf = (): Buffer => {
    const batch = keyring.batch(1)
    batch.know('ada', wrapped)
    return batch.of('ada')
  }
  expect([keyOf(), keyOf()]).toEqual([key, key])
  expect(opened).toBe(1)
  keyring.forget()
  expect(keyOf()).toEqual(key)
  expect(opened).toBe(2)
})
