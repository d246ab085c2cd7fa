import { definitionFor, needsConfirmation } from '../../../policies/guard.ts'
import type { PurposeDefinition } from '../../../policies/guard.ts'
import type { ConsentStatement, Reading } from '../../consent/reading.ts'
import { isConfirmed } from '../../model/consent.ts'
import type { ConsentWarning } from '../../model/event.ts'

/**
 * What the workspace asks of grants, laid on what a client said: how long they last, and whether they wait to be
 * confirmed. A client cannot confirm: the token goes to the person's address, and whoever uses the browser would
 * be handed it. So an act becomes a grant that waits, and of a state that is only repeated nothing is taken.
 */
export function applyTerms(
  reading: Reading,
  purposes: readonly PurposeDefinition[],
  now: Date,
): Reading {
  const warnings: ConsentWarning[] = []
  const statements = reading.statements.flatMap((said): ConsentStatement[] => {
    const definition = definitionFor(said.purpose, purposes)
    if (said.decision !== 'granted' || definition === undefined) return [said]
    const waits = needsConfirmation(definition, said.channel) && !isConfirmed(said.proof, now)
    if (waits) warnings.push({ consent: said.purpose, code: 'consent_unconfirmed' })
    if (waits && !said.isAct) return []
    const { ttlDays = null } = definition
    return [waits ? { ...said, decision: 'pending' } : { ...said, ttlDays }]
  })
  return { ...reading, statements, warnings: [...reading.warnings, ...warnings] }
}
