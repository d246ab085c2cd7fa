/** What the plugin host knows a workspace's version of a plugin by. */
export interface HostKey {
  workspaceId: number
  id: string
  digest: string
}

export const hostKeyOf = ({ workspaceId, id, digest }: HostKey): string =>
  `${workspaceId}/${id}@${digest.slice(0, 16)}`

/** The workspace and plugin that a key is of; undefined for keys that others made. */
export function pluginOfKey(key: string): { workspaceId: number; plugin: string } | undefined {
  const [, workspaceId, plugin] = /^(\d+)\/([^@]+)@[0-9a-f]{16}$/.exec(key) ?? []
  return workspaceId !== undefined && plugin !== undefined
    ? { workspaceId: Number(workspaceId), plugin }
    : undefined
}
