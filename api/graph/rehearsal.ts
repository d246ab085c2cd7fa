/** A version of a plugin tried on what happened lately. */
import type { Rehearsal } from '../../core/plugin/rehearse/rehearsePlugin.ts'
import { demand } from '../../core/read/reader.ts'
import { builder } from './builder.ts'
import { originOf } from './plugin.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'
import { RehearsalType } from './type/rehearsal.ts'

const RehearsePluginInput = builder.inputType('RehearsePluginInput', {
  fields: (t) => ({
    plugin: t.string({ description: 'Of which a version waits for approval.' }),
    digest: t.string({ description: 'Which version is meant; refused when another waits.' }),
    path: t.string({ description: 'Instead: a folder or .tgz on the server.' }),
    package: t.field({ type: 'Upload', description: 'Instead: a packed plugin.' }),
    last: t.int({ description: 'Reactions of each agent, at most 2000.', defaultValue: 500 }),
  }),
})

const RehearsePluginPayload = builder
  .objectRef<Outcome<Rehearsal>>('RehearsePluginPayload')
  .implement({
    fields: (t) => ({
      rehearsal: t.expose('result', { type: RehearsalType, nullable: true }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

builder.mutationField('rehearsePlugin', (t) =>
  t.field({
    type: RehearsePluginPayload,
    description:
      'Hands what lately woke its agents to the version in service and to a next one alike, in the sandbox, and compares what they answer. Commits and sends nothing; takes up to half a minute.',
    args: { input: t.arg({ type: RehearsePluginInput, required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      outcome(async () => {
        const { path, package: file, ...rest } = input
        if (path == null && file == null) return await actions.rehearsePlugin(reader, rest, null)
        demand(reader, 'administer', 'Plugin')
        return await actions.rehearsePlugin(reader, rest, await originOf(input))
      }),
  }),
)
