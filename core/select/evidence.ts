import type { Evidence } from '../model/selection.ts'
import type { SelectorSettings } from './settings.ts'
import { addOuter, triangleSize } from './triangle.ts'

export const noEvidence = (agent: string, d: number): Evidence => ({
  agent,
  outcomes: 0,
  others: 0,
  weight: 0,
  gram: Array.from({ length: triangleSize(d) }, () => 0),
  moment: Array.from({ length: d }, () => 0),
  square: 0,
})

/** With one outcome more, in O(d²). */
export function addOutcome(
  known: Evidence,
  features: readonly number[],
  reward: number,
  { keep }: Pick<SelectorSettings, 'keep'>,
): Evidence {
  return {
    ...known,
    outcomes: known.outcomes + 1,
    weight: keep * known.weight + 1,
    gram: addOuter(known.gram, keep, features),
    moment: known.moment.map((sum, at) => keep * sum + reward * (features[at] ?? 0)),
    square: keep * known.square + reward * reward,
  }
}

/** As it is now that the other agents have had so many outcomes with tasks of the kind. In O(d²). */
export function fade(
  known: Evidence,
  others: number,
  { keepUnchosen }: Pick<SelectorSettings, 'keepUnchosen'>,
): Evidence {
  if (others <= known.others) return known
  const left = keepUnchosen ** (others - known.others)
  return {
    ...known,
    others,
    weight: left * known.weight,
    gram: known.gram.map((sum) => left * sum),
    moment: known.moment.map((sum) => left * sum),
    square: left * known.square,
  }
}

/**
 * Of one agent now, out of what is known of all with tasks of one kind; none where it is new, or was seen with tasks of
 * another shape.
 */
export function evidenceOf(
  agent: string,
  known: readonly Evidence[],
  d: number,
  settings: Pick<SelectorSettings, 'keepUnchosen'>,
): Evidence {
  const own = known.find((evidence) => evidence.agent === agent)
  const all = known.reduce((sum, { outcomes }) => sum + outcomes, 0)
  const others = all - (own?.outcomes ?? 0)
  return own?.moment.length === d
    ? fade(own, others, settings)
    : { ...noEvidence(agent, d), outcomes: own?.outcomes ?? 0, others }
}
