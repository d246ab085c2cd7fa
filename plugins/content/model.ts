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
 * Has the model word a template, over the chat completions that OpenAI-compatible APIs have in common. Undefined where no
 * model is configured, where the call is denied or fails, and where what it says is of no use: then the template stands.
 *
 * It is told the segment and nothing of who the customer is, and no handle either, since the host would fill that in on
 * the way out. It writes `{{firstName}}` as the template does, and the channel fills in the value once the gate has let
 * the message pass.
 */
export async function wordedByModel(
  { template, segment, allowed }: Order,
  config: JsonObject,
  ctx: Context,
): Promise<Wording | undefined> {
  const { modelUrl, modelName, brief } = config
  if (typeof modelUrl !== 'string' || modelUrl === '' || typeof modelName !== 'string')
    return undefined
  const placeholders = allowed.map((key) => `{{${key}}}`).join(', ')
  const system = [
    'You word short messages of a shop to a customer whom you do not know.',
    typeof brief === 'string' ? `How the shop sounds: ${brief}` : '',
    `Where you would use a value of the customer, write one of these placeholders: ${placeholders || 'none'}.`,
    'Answer with JSON alone: {"subject": "...", "text": "..."}.',
  ].join('\n')
  const { variant, subject, text } = template
  const user = JSON.stringify({ occasion: variant, segment, template: { subject, text } })
  try {
    const { status, json } = await ctx.fetch(`${modelUrl.replace(/\/+$/, '')}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer {{secret:MODEL_KEY}}',
      },
      body: JSON.stringify({
        model: modelName,
        messages: [
          { role: 'system', content: system },
          { role: 'user', content: user },
        ],
      }),
    })
    const wording = status === 200 ? wordingIn(json(), allowed) : undefined
    if (!wording) ctx.log('warn', `the model was of no use (status ${status}); the template stands`)
    return wording
  } catch (thrown) {
    if (!isDenied(thrown)) throw thrown
    ctx.log('info', `the model was not asked: ${thrown.code}; the template stands`)
    return undefined
  }
}

/** The wording in a chat completion, or undefined where it is none, too long or asks for what may not be filled in. */
function wordingIn(answer: unknown, allowed: readonly string[]): Wording | undefined {
  const choices = fieldOf(answer, 'choices')
  const message = fieldOf(Array.isArray(choices) ? choices[0] : undefined, 'message')
  const said = parsed(fieldOf(message, 'content'))
  const [subject, text] = [fieldOf(said, 'subject'), fieldOf(said, 'text')]
  if (typeof subject !== 'string' || typeof text !== 'string') return undefined
  const isFit = subject.length <= subjectMax && text.length <= textMax && text.trim() !== ''
  const isAllowed = fieldsIn({ subject, text }).every((key) => allowed.includes(key))
  return isFit && isAllowed ? { subject, text } : undefined
}

/** A model that was asked for JSON alone may still put it between fences. */
function parsed(content: unknown): unknown {
  if (typeof content !== 'string') return undefined
  const bare = /\{[\s\S]*\}/.exec(content)?.[0]
  try {
    return bare === undefined ? undefined : JSON.parse(bare)
  } catch {
    return undefined
  }
}

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && key in value ? Reflect.get(value, key) : undefined
