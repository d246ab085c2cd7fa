/** Where the secrets of plugins come from. They are asked for at each request and never kept here. */
export interface SecretSource {
  /** By name. */
  secretsOf(workspaceId: number, pluginId: string): Promise<ReadonlyMap<string, string>>
}

/** Secrets that live as long as the process, by plugin id and name: for tests and for none at all. */
export const memorySecrets = (
  secrets: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): SecretSource => ({
  secretsOf: (_workspaceId, pluginId) =>
    Promise.resolve(
      new Map(Object.hasOwn(secrets, pluginId) ? Object.entries(secrets[pluginId] ?? {}) : []),
    ),
})
