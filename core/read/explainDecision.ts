import { loadFacts } from '../explain/facts.ts'
import { findFlip } from '../explain/flip.ts'
import type { Flip } from '../explain/flip.ts'
import { findRecord, replayDecision } from '../explain/replay.ts'
import type { Replay } from '../explain/replay.ts'
import type { Audience } from '../explain/sentence.ts'
import { tellDecision } from '../explain/tellDecision.ts'
import type { Explanation } from '../explain/tellDecision.ts'
import { tellFlip } from '../explain/tellFlip.ts'
import type { ToldFlip } from '../explain/tellFlip.ts'
import { tellReplay } from '../explain/tellReplay.ts'
import { findDecisions } from './findDecisions.ts'
import type { Reader } from './reader.ts'
import type { RowKey } from './visibility.ts'

/** A recorded decision, explained as far as the reader may know what it rests on. */
export interface ExplainedDecision {
  readonly replay: Replay & { readonly text: string }
  explain(audience: Audience): Explanation
  /** What would turn it round; null where it cannot be made again, so that nothing can be tried. */
  flip(audience: Audience): ToldFlip | null
}

/** Null when there is no such decision that the reader may see. */
export async function explainDecision(
  reader: Reader,
  key: RowKey,
): Promise<ExplainedDecision | null> {
  const { board, ability, principal } = reader
  const { workspaceId } = principal
  const [[seen], record] = await Promise.all([
    findDecisions(reader, [key]),
    findRecord(board, workspaceId, key),
  ])
  if (!seen || !record) return null
  const [facts, { replay, scenario }] = await Promise.all([
    loadFacts(board, workspaceId, record),
    replayDecision(board, workspaceId, record),
  ])
  const seesConsents = ability.may('read', 'Consent').allowed
  const seesPolicy = ability.may('read', 'Policy').allowed
  const told = {
    ...facts,
    consents: seesConsents ? facts.consents : new Map<string, never>(),
    sentences: seesPolicy ? facts.sentences : new Map<string, never>(),
  }
  let found: Flip | undefined
  return {
    replay: { ...replay, text: tellReplay(replay) },
    explain: (audience) => tellDecision(told, audience),
    flip(audience) {
      if (scenario === null || replay.answer !== 'same') return null
      found ??= findFlip(scenario)
      return tellFlip(withheld(found, { seesConsents, seesPolicy }), audience)
    },
  }
}

/** Without when a grant ends, for who may not see grants, and without the words of rules likewise. */
function withheld(
  flip: Flip,
  { seesConsents, seesPolicy }: { seesConsents: boolean; seesPolicy: boolean },
): Flip {
  const sets = flip.sets
    .filter((set) => seesConsents || set.every(({ code }) => code !== 'wait'))
    .map((set) =>
      seesPolicy
        ? set
        : set.map((change) => ({ ...change, params: { ...change.params, sentence: '' } })),
    )
  return { ...flip, sets, without: sets.length === 0 ? (flip.without ?? 'withheld') : null }
}
