/** Names as GraphQL writes them: in capitals. */
export const upperCase = <Value extends string>(
  values: readonly Value[],
): Record<string, { value: Value }> =>
  Object.fromEntries(values.map((value) => [value.toUpperCase(), { value }]))
