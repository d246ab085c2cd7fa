import type { SecretSource } from '../../core/egress/secrets.ts'

/** Secrets that live as long as the test, by plugin id and name. */
export const memorySecrets = (
  secrets: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): SecretSource => ({
  secretsOf: (_workspaceId, pluginId) =>
    Promise.resolve(
      new Map(Object.hasOwn(secrets, pluginId) ? Object.entries(secrets[pluginId] ?? {}) : []),
    ),
})
