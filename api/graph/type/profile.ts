import { glossary } from '../../../core/model/glossary.ts'
import { findProfile } from '../../../core/read/findProfile.ts'
import { listActivations } from '../../../core/read/listActivations.ts'
import { listConflicts } from '../../../core/read/listConflicts.ts'
import { listConsents } from '../../../core/read/listConsents.ts'
import { listEvents } from '../../../core/read/listEvents.ts'
import { listIdentifiers } from '../../../core/read/listIdentifiers.ts'
import type { Profile } from '../../../core/read/profile.ts'
import { listPlaces } from '../../../core/read/listPlaces.ts'
import { listPins, listRedactions, readTraits } from '../../../core/read/readTraits.ts'
import { builder } from '../builder.ts'
import { asConnection, checked } from '../connection.ts'
import { ActivationConnection } from './activation.ts'
import { ConsentConflictType, ConsentType, PlaceType } from './consent.ts'
import { EventConnection } from './event.ts'
import { IdentifierType } from './identifier.ts'
import { RedactionType, TraitPinType, TraitType } from './trait.ts'

export const ProfileType = builder.objectRef<Profile>('Profile')

// Batches only: a subscription's context lives for days, and a cache in it would keep every push.
const oncePerTick = { cache: false } as const

// The parts of many profiles in one list are read in one statement each.
builder.node(ProfileType, {
  description: glossary.profile,
  id: { resolve: ({ id }) => id },
  loadOne: (id, { reader }) => findProfile(reader, { id }),
  fields: (t) => ({
    identifiers: t.loadableList({
      type: IdentifierType,
      load: (profiles: Profile[], { reader }) => listIdentifiers(reader, profiles),
      loaderOptions: oncePerTick,
      resolve: (profile) => profile,
    }),
    traits: t.loadableList({
      type: TraitType,
      description: 'Those that the caller may see and that have not expired.',
      args: { keys: t.arg.stringList({ description: 'Only these.' }) },
      byPath: true,
      load: (profiles: Profile[], { reader }, { keys }) => readTraits(reader, profiles, keys),
      loaderOptions: oncePerTick,
      resolve: (profile) => profile,
    }),
    redactions: t.field({
      type: [RedactionType],
      description: 'What the caller may not see, and the rule that says so.',
      resolve: (profile, _, { reader }) => listRedactions(reader, profile),
    }),
    consents: t.loadableList({
      type: ConsentType,
      description: 'The current word for each purpose and channel; a guardian’s stands beside.',
      load: (profiles: Profile[], { reader }) => listConsents(reader, profiles),
      loaderOptions: oncePerTick,
      resolve: (profile) => profile,
    }),
    consentConflicts: t.loadableList({
      type: ConsentConflictType,
      description: 'What a merge brought together and the person has not settled.',
      load: (profiles: Profile[], { reader }) => listConflicts(reader, profiles),
      loaderOptions: oncePerTick,
      resolve: (profile) => profile,
    }),
    place: t.loadable({
      type: PlaceType,
      nullable: true,
      description: 'Null for who may not read consents.',
      load: (profiles: Profile[], { reader }) => listPlaces(reader, profiles),
      loaderOptions: oncePerTick,
      resolve: (profile) => profile,
    }),
    events: t.loadable({
      type: EventConnection,
      description: 'Newest first.',
      args: { first: t.arg.int(), after: t.arg.string() },
      byPath: true,
      load: async (profiles: Profile[], { reader }, args) =>
        (await listEvents(reader, profiles, checked(args))).map((page) =>
          asConnection(page, ({ id }) => id, args.after),
        ),
      loaderOptions: oncePerTick,
      resolve: (profile) => profile,
    }),
    activations: t.loadable({
      type: ActivationConnection,
      description: 'Newest first.',
      args: { first: t.arg.int(), after: t.arg.string() },
      byPath: true,
      load: async (profiles: Profile[], { reader }, args) =>
        (await listActivations(reader, profiles, checked(args))).map((page) =>
          asConnection(page, ({ id }) => id, args.after),
        ),
      loaderOptions: oncePerTick,
      resolve: (profile) => profile,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
})

builder.objectFields(ProfileType, (t) => ({
  pins: t.field({
    type: [TraitPinType],
    description: 'Traits that the person took out of the agents’ hands, by a review.',
    resolve: (profile, _, { reader }) => listPins(reader, profile),
  }),
}))

export const ProfileConnection = builder.connectionObject({
  type: ProfileType,
  name: 'ProfileConnection',
})

const TraitFilter = builder.inputType('TraitFilter', {
  description: 'Matches only where the caller may see the trait; sealed traits cannot be searched.',
  fields: (t) => ({
    key: t.string({ required: true }),
    equals: t.field({ type: 'Json', description: 'A text, number or boolean; null for missing.' }),
  }),
})

export const ProfileFilter = builder.inputType('ProfileFilter', {
  fields: (t) => ({
    traits: t.field({ type: [TraitFilter], description: 'All must hold.' }),
    createdSince: t.field({ type: 'DateTime' }),
    updatedSince: t.field({ type: 'DateTime' }),
  }),
})

export const ProfileOrder = builder.enumType('ProfileOrder', {
  values: {
    OLDEST: { value: 'oldest', description: 'In the order in which they were created.' },
    NEWEST: { value: 'newest' },
  } as const,
})
