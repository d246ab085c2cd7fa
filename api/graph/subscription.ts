import { fail } from '../../core/errors.ts'
import { watchProfile } from '../../core/read/watchProfile.ts'
import { builder } from './builder.ts'
import { profileKeyOf } from './query.ts'
import { IdentifierInput } from './type/identifier.ts'
import { ProfileType } from './type/profile.ts'

builder.subscriptionType({
  fields: (t) => ({
    profileChanged: t.field({
      type: ProfileType,
      description: 'The profile anew after each change, as far as the caller may see it by then.',
      args: { by: t.arg({ type: IdentifierInput }), id: t.arg.id() },
      subscribe: (_, args, context) =>
        watchProfile(context.reader, profileKeyOf(args), {
          signal: context.signal,
          renew: async () => {
            const reader = await context.renew()
            // The parts of the profile are read by resolvers, under the same policy as the profile.
            if (reader) context.reader = reader
            return reader
          },
        }),
      resolve: (profile) => profile ?? fail('internal'),
    }),
  }),
})
