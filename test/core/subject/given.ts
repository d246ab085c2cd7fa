import type { IncomingEvent } from '../../../core/model/event.ts'
import { eraseSubject, type Erasure } from '../../../core/subject/erase.ts'
import type { Receipt } from '../../../core/subject/receipt.ts'
import { identify, track, type TestApp } from '../../support/app.ts'

/** Every value of hers that may be found nowhere once she was erased. */
export const planted = {
  email: 'ada.lovelace@planted.example',
  phone: '+4915551234567',
  name: 'Ada-Planted Lovelace',
  userId: 'planted-user-77',
  formerId: 'planted-user-12',
  cookie: 'planted-cookie-99',
  city: 'Plantedville',
  note: 'planted-note-in-a-property',
  message: 'planted-message-id@planted.example',
  origin: 'planted-origin-198.51.100.7',
  content: 'planted-words-of-a-message',
  destination: 'planted-token-in-an-address',
} as const

/** What clients send of her: names, contacts, free properties, a cookie, an earlier account. */
export function lifeOf(): IncomingEvent[] {
  const { email, phone, name, userId, formerId, cookie, city, note, message } = planted
  const cookieId = { namespace: 'anonymous_id', value: cookie }
  return [
    identify(formerId, { city }),
    identify(userId, { email, phone, name, city, plan: 'pro' }),
    track(userId, 'Order Completed', { note, email }, { messageId: message }),
    track(userId, `Page of ${email}`, { total: 5 }),
    {
      ...track(userId, 'Visit', { city }),
      identifiers: [{ namespace: 'user_id', value: userId }, cookieId],
      context: { ip: '198.51.100.7', page: { referrer: note } },
    },
    {
      ...track(userId, 'Signed Up'),
      type: 'alias',
      identifiers: [
        { namespace: 'user_id', value: userId },
        { namespace: 'user_id', value: formerId },
      ],
    },
  ]
}

export const erase = (
  app: Pick<TestApp, 'board' | 'workspaceId'>,
  profileId: string,
  changes: Partial<Erasure> = {},
): Promise<Receipt> =>
  eraseSubject(app.board, app.workspaceId, {
    profileId,
    requestId: null,
    reason: 'consent_withdrawn',
    actor: 'principal:officer',
    ...changes,
  })
