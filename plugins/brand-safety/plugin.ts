import {
  cancel,
  definePlugin,
  done,
  type Cause,
  type Effects,
  type Json,
  type JsonObject,
  type Veto,
} from 'slateboard/plugin'
import { faultsOf } from './words.ts'

const guarded = 'marketing'

export default definePlugin({
  agents: {
    review: ({ profile, causes, config }) => {
      const content = objectIn(profile.traits['message_content']?.value)
      if (content === undefined) return cancel('there is no draft')
      const text = [content['subject'], content['text']].map(textOf).join('\n')
      const forbidden = {
        words: textsIn(config['words']),
        categories: textsIn(config['categories']),
      }
      const found = faultsOf(text, forbidden)
      const verdict = found.length > 0 ? 'unfit' : 'fit'
      const value = { verdict, draft: textOf(content['draft']), found }
      const writes = { brand_safety: { value } }
      return done({ writes, vetoes: vetoesOf(causes, found), ...objection(found) })
    },
  },
})

/** Who announces a message is told no for that one, if it says what may not be said. */
const vetoesOf = (causes: readonly Cause[], found: readonly string[]): Veto[] =>
  causes.flatMap((cause) =>
    cause.kind === 'intent' && found.length > 0
      ? [{ intent: cause.id, reason: reasonOf(found) }]
      : [],
  )

/** For those who do not announce what they send, nothing for the purpose leaves until a draft is fit. */
const objection = (found: readonly string[]): Effects =>
  found.length > 0
    ? {
        holds: [{ purpose: guarded, reason: reasonOf(found) }],
      }
    : { releases: [guarded] }

const reasonOf = (found: readonly string[]): string =>
  `the draft is not fit for the brand: ${found.join(', ')}`

const objectIn = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

const textsIn = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
