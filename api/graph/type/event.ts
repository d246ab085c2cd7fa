import { eventTypes } from '../../../core/model/event.ts'
import { glossary } from '../../../core/model/glossary.ts'
import type { EventView } from '../../../core/read/listEvents.ts'
import { builder } from '../builder.ts'
import { encodeId } from '../id.ts'

const EventKindType = builder.enumType('EventType', {
  values: Object.fromEntries(eventTypes.map((type) => [type.toUpperCase(), { value: type }])),
})

export const EventType = builder.objectRef<EventView>('Event').implement({
  description: glossary.event,
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeId('Event', id) }),
    type: t.field({ type: EventKindType, resolve: ({ type }) => type }),
    name: t.exposeString('name', { description: 'Of a track, page or screen call; else empty.' }),
    messageId: t.exposeString('messageId'),
    source: t.id({
      description: glossary.source,
      resolve: ({ sourceId }) => encodeId('Source', sourceId),
    }),
    properties: t.expose('properties', {
      type: 'Json',
      description: 'Without what was sealed on arrival or the caller may not see.',
    }),
    occurredAt: t.expose('occurredAt', {
      type: 'DateTime',
      description: "When it happened, corrected for the client's clock.",
    }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime' }),
  }),
})

export const EventConnection = builder.connectionObject({
  type: EventType,
  name: 'EventConnection',
})
