import { isDenied, type Context, type JsonObject } from 'slateboard/plugin'
import { fieldsIn, type Template, type Wording } from './templates.ts'

export interface Order {
  template: Template
  segment: string
  allowed: readonly string[]
}

const subjectMax = 200
const textMax = 2000

/**
 * Has the model word a template. Undefined where no model is configured, where the call is denied or fails, and where what
 * it says is of no use: then the template stands.
 *
 * It is told the segment and nothing of who the customer is, and no handle either: the host refuses one, since it would be
 * filled in on the way out. It writes `{{firstName}}` as the template does, and the channel fills in the value once the
 * gate has let the message pass.
 */
export async function wordedByModel(
  { template, segment, allowed }: Order,
  config: JsonObject,
  ctx: Context,
): Promise<Wording | undefined> {
  const { modelUrl: url, modelName: model, brief } = config
  if (typeof url !== 'string' || url === '' || typeof model !== 'string') return undefined
  const placeholders = allowed.map((key) => `{{${key}}}`).join(', ')
  const system = [
    'You word short messages of a shop to a customer whom you do not know.',
    typeof brief === 'string' ? `How the shop sounds: ${brief}` : '',
    `Where you would use a value of the customer, write one of these placeholders: ${placeholders || 'none'}.`,
    'Answer with JSON alone: {"subject": "...", "text": "..."}.',
  ].join('\n')
  const { variant, subject, text } = template
  const prompt = JSON.stringify({ occasion: variant, segment, template: { subject, text } })
  try {
    const said = await ctx.generate({ url, model, key: 'MODEL_KEY', system, prompt })
    const wording = wordingIn(said.text, allowed)
    if (!wording) ctx.log('warn', 'what the model said is of no use; the template stands')
    return wording
  } catch (thrown) {
    if (!isDenied(thrown)) throw thrown
    ctx.log('info', `no model has worded it: ${thrown.code}; the template stands`)
    return undefined
  }
}

/** The wording in what the model said, or undefined where it is none, too long or asks for what may not be filled in. */
function wordingIn(said: string, allowed: readonly string[]): Wording | undefined {
  const answer = parsed(said)
  const [subject, text] = [fieldOf(answer, 'subject'), fieldOf(answer, 'text')]
  if (typeof subject !== 'string' || typeof text !== 'string') return undefined
  const isFit = subject.length <= subjectMax && text.length <= textMax && text.trim() !== ''
  const isAllowed = fieldsIn({ subject, text }).every((key) => allowed.includes(key))
  return isFit && isAllowed ? { subject, text } : undefined
}

/** A model that was asked for JSON alone may still put it between fences. */
function parsed(said: string): unknown {
  const bare = /\{[\s\S]*\}/.exec(said)?.[0]
  try {
    return bare === undefined ? undefined : JSON.parse(bare)
  } catch {
    return undefined
  }
}

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && key in value ? Reflect.get(value, key) : undefined
