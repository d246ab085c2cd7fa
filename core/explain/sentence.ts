/** For whom a decision is explained. */
export const audiences = ['officer', 'integrator', 'subject'] as const
export type Audience = (typeof audiences)[number]

/**
 * What one code means, once per audience. `{name}` is filled in; what may not be told is filled in as nothing, so
 * each text reads well without it.
 *
 *   officer     what was found, by which rule or article: may name ids
 *   integrator  what to change in the proposal, the plugin or its manifest
 *   subject     plain words to the person; no ids, no names of programs or of others
 */
export interface Words extends Readonly<Record<Audience, string>> {
  /** Where the law says so, such as `Art. 7(3) GDPR`. */
  readonly article?: string
}

export type Params = Readonly<Record<string, string>>

/** What a sentence is about; the parts of an explanation stand in this order. */
export type SentencePart = 'outcome' | 'check' | 'evidence' | 'obligation' | 'right'

/** A sentence, and what is needed to say it in another language: its code and what was filled in. */
export interface Sentence {
  readonly part: SentencePart
  /** The check it belongs to; null where it is about the whole. */
  readonly check: string | null
  readonly code: string
  readonly params: Params
  readonly article: string | null
  readonly text: string
}

/** Fills `{name}`; what is not given becomes nothing. */
export function fill(template: string, params: Params): string {
  let filled = ''
  for (const [at, piece] of piecesOf(template).entries()) {
    if (at % 2 === 0) filled += piece
    else if (Object.hasOwn(params, piece)) filled += params[piece]
  }
  const text = filled.trim()
  // Asked first: replacing in every text took a fifth of the time of an explanation.
  if (!untidy.some((mark) => text.includes(mark))) return text
  return text.replaceAll(/ {2,}/g, ' ').replaceAll(/ ([.,;:])/g, '$1')
}

const untidy = ['  ', ' .', ' ,', ' ;', ' :']

/** Text and names in turns, by template: the catalogue has a few hundred. */
const cut = new Map<string, readonly string[]>()

function piecesOf(template: string): readonly string[] {
  const known = cut.get(template)
  if (known) return known
  const pieces = template.split(/\{(\w+)\}/)
  cut.set(template, pieces)
  return pieces
}

export const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`

/** A day in UTC, as people and machines both read it. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10)

/** An instant in UTC to the second. */
export const instantOf = (at: Date): string =>
  `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
