import {
  cancel,
  definePlugin,
  done,
  type Effects,
  type Json,
  type JsonObject,
} from 'slateboard/plugin'
import { faultsOf } from './words.ts'

const guarded = 'marketing'

export default definePlugin({
  agents: {
    review: ({ profile, config }) => {
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
      return done({ writes: { brand_safety: { value } }, ...objection(found) })
    },
  },
})

/**
 * How it objects: nothing for the purpose leaves until a draft is fit. The one place to change when agents announce what
 * they are about to do and others may veto that alone.
 */
const objection = (found: readonly string[]): Effects =>
  found.length > 0
    ? {
        holds: [
          { purpose: guarded, reason: `the draft is not fit for the brand: ${found.join(', ')}` },
        ],
      }
    : { releases: [guarded] }

const objectIn = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

const textsIn = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
