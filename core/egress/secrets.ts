/** Where the platform takes the secrets from that it puts into a plugin's requests; asked at each, never kept. */
export interface SecretSource {
  /** By name, those that are set and that the version in service declares. */
  secretsOf(workspaceId: number, pluginId: string): Promise<ReadonlyMap<string, string>>
}
