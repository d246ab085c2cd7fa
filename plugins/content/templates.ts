export interface Wording {
  subject: string
  /** `{{name}}` stands for a value of the customer, filled in when the message is sent and not before. */
  text: string
}

export interface Template extends Wording {
  variant: string
}

/** By action, then by segment; `*` for any other. */
const templates: Readonly<Record<string, Readonly<Record<string, Wording>>>> = {
  win_back: {
    champion: {
      subject: 'It is quiet without you',
      text: 'Hello {{firstName}},\n\nyou are one of our best customers, and we have not seen you for a while. There is something waiting for you.',
    },
    '*': {
      subject: 'We would like to see you again',
      text: 'Hello {{firstName}},\n\nit has been a while. Have a look at what is new, with an offer for your next order.',
    },
  },
  nurture: {
    loyal: {
      subject: 'Picked for you',
      text: 'Hello {{firstName}},\n\nsince you like what we do, here is what others with your taste found lately.',
    },
    '*': {
      subject: 'New this week',
      text: 'Hello {{firstName}},\n\nhere is what is new this week.',
    },
  },
}

/** The template for what is to be done with a customer of that segment, or none. */
export function templateFor(action: string, segment: string): Template | undefined {
  const of = templates[action]
  const name = of && Object.hasOwn(of, segment) ? segment : '*'
  const wording = of?.[name]
  return wording && { variant: name === '*' ? action : `${action}/${name}`, ...wording }
}

const placeholder = /\{\{\s*([\w.-]+)\s*\}\}/g

export const fieldsIn = ({ subject, text }: Wording): string[] => [
  ...new Set([...`${subject}\n${text}`.matchAll(placeholder)].map(([, key = '']) => key)),
]

/** Without the placeholders that are not allowed, and without the gap before a comma that one leaves. */
export function withAllowed(wording: Wording, allowed: readonly string[]): Wording {
  const strip = (text: string): string =>
    text.replaceAll(/ ?\{\{\s*([\w.-]+)\s*\}\}/g, (whole, key: string) =>
      allowed.includes(key) ? whole : '',
    )
  return { subject: strip(wording.subject), text: strip(wording.text) }
}
