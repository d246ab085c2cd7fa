import { cancel, definePlugin, done, type Json, type ReactInput } from 'slateboard/plugin'
import { wordedByModel } from './model.ts'
import { fieldsIn, templateFor, withAllowed, type Wording } from './templates.ts'

export default definePlugin({
  agents: {
    draft: async (input, ctx) => {
      const action = wordIn(input, 'next_best_action', 'action') ?? 'nurture'
      const segment = wordIn(input, 'segment', 'name') ?? 'unknown'
      const found = templateFor(action, segment)
      if (found === undefined) {
        const stands = input.profile.traits['message_content'] !== undefined
        return stands
          ? done({ writes: { message_content: null } })
          : cancel('there is nothing to say')
      }
      const { variant } = found
      // What was drafted for the same occasion stands: nobody pays a model twice for it.
      if (wordIn(input, 'message_content', 'variant') === variant) return cancel('the draft stands')
      const allowed = textsIn(input.config['fields'])
      const template = { variant, ...withAllowed(found, allowed) }
      const worded = await wordedByModel({ template, segment, allowed }, input.config, ctx)
      const { subject, text } = worded ?? template
      const value = {
        draft: digestOf({ subject, text }),
        variant,
        subject,
        text,
        fields: fieldsIn({ subject, text }),
        by: worded ? 'model' : 'template',
      }
      return done({ writes: { message_content: { value } } })
    },
  },
})

function wordIn({ profile }: ReactInput, trait: string, key: string): string | undefined {
  const value = profile.traits[trait]?.value
  const word =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? value[key] : undefined
  return typeof word === 'string' ? word : undefined
}

const textsIn = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []

/** FNV-1a, 32 bits: tells drafts apart for those who judge them, and guards nothing. */
function digestOf({ subject, text }: Wording): string {
  let hash = 0x81_1c_9d_c5
  for (const letter of `${subject}\n${text}`)
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01_00_01_93) >>> 0
  return hash.toString(16).padStart(8, '0')
}
