import { covers } from '../core/model/purpose.ts'
import type { PurposeDefinition } from './guard.ts'
import type { Regime } from './regime.ts'
import type { RegimeKey } from './regimeTable.ts'

/** What it takes to pursue a purpose with the data of somebody young; each asks for more than the one before. */
export type Protection = 'none' | 'own_grant' | 'guardian_grant' | 'never'

/** Recital 38 and 71 GDPR, Art. 14 LGPD: a child is neither advertised to nor profiled, whoever agrees. */
const neverWithChildren = ['marketing', 'personalization']
const shielding: ReadonlySet<RegimeKey> = new Set(['gdpr', 'uk_gdpr', 'lgpd', 'strictest'])

/**
 * What the law of a place asks for a person of at least that age; null when nothing says that they are young.
 * Below the age from which they decide themselves, children may grant nothing alone; teens may where the law
 * lets them, and their silence is no consent even where a grown-up's would be.
 */
export function protectionOf(
  regime: Regime,
  purpose: string,
  { needsGrant }: PurposeDefinition,
  age: number | null,
): Protection {
  if (age === null || age >= regime.minorAge) return 'none'
  const isChild = age < (regime.teenOptIn ?? regime.minorAge)
  const isShielded =
    shielding.has(regime.key) && neverWithChildren.some((root) => covers(root, purpose))
  if (isChild && isShielded) return 'never'
  if (!needsGrant) return 'none'
  return isChild ? 'guardian_grant' : 'own_grant'
}
