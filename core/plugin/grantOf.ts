import type { Grant } from '../host/grant.ts'
import type { Assessment } from './assess.ts'

/** The grant for a package as it was held against the version in service, on somebody's word. */
export const grantOf = (
  { trust, diff, touchesPii, base }: Assessment,
  word: Pick<Grant, 'verdict' | 'requestedBy' | 'decidedBy' | 'comment'>,
): Grant => ({
  ...word,
  trust,
  gained: diff.gained.map(({ key }) => key),
  touchesPii,
  base: { digest: base?.digest ?? null },
})
