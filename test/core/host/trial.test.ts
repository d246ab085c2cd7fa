import { describe, expect, test } from 'vitest'
import { openTrial } from '../../../core/host/trial.ts'
import type { TrialRequest } from '../../../core/host/trialCalls.ts'
import { pluginFolder, pluginManifest, probeAgent, probeCode } from '../../support/pluginFolder.ts'

const folderOf = (handler: string) =>
  pluginFolder({
    'plugin.json': pluginManifest({
      agents: [probeAgent({ reads: { traits: ['mode'], events: { Order: ['total'] } } })],
    }),
    'plugin.ts': probeCode(handler),
  })

test('runs an agent on plain values and gives its checked outcome', async () => {
  await using folder = await folderOf(
    `({ profile, causes, now }, ctx) => { ctx.log('info', 'hello'); return write([profile.traits.mode.value, causes, now]) }`,
  )
  await using trial = await openTrial(folder.path)
  expect(await trial.react('probe', { traits: { mode: 'x' } })).toMatchObject({
    kind: 'done',
    writes: {
      probe: { value: ['x', [{ kind: 'manual' }], '2026-01-01T00:00:00.000Z'], confidence: 1 },
    },
  })
  expect(trial.logs).toMatchObject([{ level: 'info', message: 'hello' }])
})

test('throws what production would record', async () => {
  await using folder = await folderOf(`() => done({ writes: { email: { value: 1 } } })`)
  await using trial = await openTrial(folder.path)
  await expect(trial.react('probe')).rejects.toMatchObject({
    code: 'effect_not_declared',
    message: 'probe/probe is not declared to write the trait email.',
  })
  await expect(trial.react('nobody')).rejects.toMatchObject({ code: 'agent_unknown' })
})

test('refuses input that the agent would not see in production', async () => {
  await using folder = await folderOf(`() => done()`)
  await using trial = await openTrial(folder.path)
  const order = (properties: { [key: string]: number }) => ({
    causes: [
      { kind: 'event', id: 'e', type: 'track', name: 'Order', timestamp: '', properties } as const,
    ],
  })
  expect(await trial.react('probe', order({ total: 1 }))).toMatchObject({ kind: 'done' })
  await expect(trial.react('probe', order({ card: 1 }))).rejects.toMatchObject({
    code: 'trial_input_undeclared',
    message: expect.stringContaining('the property card of Order'),
  })
  await expect(trial.react('probe', { traits: { email: 'x' } })).rejects.toMatchObject({
    code: 'trial_input_undeclared',
    message: expect.stringContaining('the trait email'),
  })
})

test('does not call an agent that production would not call, and says why', async () => {
  const agent = probeAgent({
    when: { 'traits.mode': { $gte: 10 } },
    needs: [{ trait: 'mode', maxAgeMs: 60_000 }],
  })
  await using folder = await pluginFolder({
    'plugin.json': pluginManifest({ agents: [agent] }),
    'plugin.ts': probeCode('() => write(1)'),
  })
  await using trial = await openTrial(folder.path)
  const answers = (traits: object) => trial.react('probe', { traits: { ...traits } })
  expect(await answers({ mode: 10 })).toMatchObject({ kind: 'done' })
  expect(await answers({ mode: 9 })).toEqual({
    kind: 'cancel',
    reason: 'not called: its precondition does not hold',
  })
  const old = {
    value: 10,
    confidence: 1,
    author: { kind: 'source', id: 'shop' },
    revision: 1,
    writtenAt: '2025-12-31T23:58:00.000Z',
  }
  expect(await answers({ mode: old })).toEqual({
    kind: 'cancel',
    reason: 'not called: it needs mode, which is not there or not fresh',
  })
})

test('does not open a plugin that does not load', async () => {
  await using folder = await folderOf(`undefined`)
  await expect(openTrial(folder.path)).rejects.toMatchObject({ code: 'plugin_load_failed' })
})

const rememberingFolder = () =>
  pluginFolder({
    'plugin.json': pluginManifest({
      state: { version: 2, profile: ['seen'] },
      config: { schema: { properties: { step: { type: 'integer', default: 2 }, label: {} } } },
    }),
    'plugin.ts': `import { definePlugin, done } from 'slateboard/plugin'
      export default definePlugin({
        agents: { probe: ({ state, config }) => done({
          writes: { probe: { value: config } },
          state: { profile: { seen: (state.profile.seen ?? 0) + config.step } },
        }) },
        migrate: ({ count }) => ({ seen: count }),
      })`,
  })

test('takes state and config as production would hand them in, and gives back what is kept', async () => {
  await using folder = await rememberingFolder()
  await using trial = await openTrial(folder.path)
  const input = { state: { profile: { seen: 3 } }, config: { label: 'x' } }
  expect(await trial.react('probe', input)).toMatchObject({
    writes: { probe: { value: { step: 2, label: 'x' } } },
    state: { profile: { seen: 5 } },
  })
  expect(await trial.migrate({ count: 7 }, 1)).toEqual({ seen: 7 })
})

test('refuses state and config that production would not have', async () => {
  await using folder = await rememberingFolder()
  await using trial = await openTrial(folder.path)
  await expect(trial.react('probe', { state: { profile: { age: 3 } } })).rejects.toMatchObject({
    code: 'trial_input_undeclared',
    message: expect.stringContaining('the profile state age'),
  })
  await expect(trial.react('probe', { config: { stp: 3 } })).rejects.toMatchObject({
    code: 'trial_input_undeclared',
    message: expect.stringContaining('the config stp'),
  })
  await expect(trial.react('probe', { config: { step: 'x' } })).rejects.toMatchObject({
    code: 'plugin_config_invalid',
    values: { key: 'step' },
  })
})

describe('what a plugin fetches in a trial', () => {
  const network = [
    {
      host: 'crm.test',
      methods: ['POST'],
      purpose: 'analytics',
      reason: 'x',
      secrets: [{ name: 'CRM_KEY' }],
    },
  ]
  const code = probeCode(`async ({ profile }, ctx) => {
    const init = {
      method: 'POST',
      headers: { authorization: 'Bearer {{secret:CRM_KEY}}' },
      body: JSON.stringify({ email: profile.traits.email.value, seen: typeof profile.traits.email.value }),
    }
    try {
      const answer = await ctx.fetch('https://' + (profile.traits.mode?.value ?? 'crm.test') + '/v1', init)
      return write(answer.json())
    } catch (denied) {
      return write([denied.code, denied.remedy])
    }
  }`)
  const folder = () =>
    pluginFolder({
      'plugin.json': pluginManifest({
        network,
        agents: [probeAgent({ reads: { traits: ['mode'], pii: ['email'] } })],
      }),
      'plugin.ts': code,
    })
  const writing = (value: unknown) => ({ writes: { probe: { value } } })

  test('is answered by the author, who sees what would leave', async () => {
    await using own = await folder()
    const seen: TrialRequest[] = []
    await using trial = await openTrial(own.path, {
      fetch: (request) => {
        seen.push(request)
        return { status: 201, json: { id: 7 } }
      },
    })
    const outcome = await trial.react('probe', { traits: { email: 'ada@x.test' } })
    expect(outcome).toMatchObject(writing({ id: 7 }))
    expect(seen).toMatchObject([
      {
        url: 'https://crm.test/v1',
        method: 'POST',
        purpose: 'analytics',
        profileId: 'trial-profile',
        headers: { authorization: 'Bearer {{secret:CRM_KEY}}' },
        body: '{"email":"ada@x.test","seen":"string"}',
      },
    ])
  })

  test('is denied where the manifest or the author says so', async () => {
    await using own = await folder()
    await using trial = await openTrial(own.path, {
      fetch: () => ({ denied: { code: 'no_consent', remedy: 'Ask.' } }),
    })
    const traits = { email: 'ada@x.test' }
    expect(await trial.react('probe', { traits })).toMatchObject(writing(['no_consent', 'Ask.']))
    const elsewhere = await trial.react('probe', { traits: { ...traits, mode: 'other.test' } })
    expect(elsewhere).toMatchObject(writing(['not_declared', expect.any(String)]))
  })

  test('is denied when nobody answers, and handles lead nowhere else (refused)', async () => {
    await using own = await folder()
    await using trial = await openTrial(own.path)
    const traits = { email: 'ada@x.test' }
    expect(await trial.react('probe', { traits })).toMatchObject(
      writing(['calls_unavailable', expect.any(String)]),
    )
    await using other = await pluginFolder({
      'plugin.json': pluginManifest({ agents: [probeAgent({ reads: { pii: ['email'] } })] }),
      'plugin.ts': probeCode(`({ profile }) => write(profile.traits.email.value)`),
    })
    await using hoarder = await openTrial(other.path)
    await expect(hoarder.react('probe', { traits })).rejects.toMatchObject({
      code: 'plugin_handle_misplaced',
      message: expect.stringContaining('the trait probe'),
    })
  })
})
