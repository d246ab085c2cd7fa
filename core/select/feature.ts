/**
 * A constant and the context, centred: the weight of the constant is then the reward of the average task of the kind,
 * which is what an agent's efficiency says.
 */
export const featuresOf = (context: readonly number[]): number[] => [
  1,
  ...context.map((value) => value - 0.5),
]
