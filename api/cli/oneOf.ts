import { InvalidArgumentError } from 'commander'

/** Takes an option's value where it is among these. */
export const oneOf =
  (values: readonly string[]) =>
  (given: string): string => {
    if (values.includes(given)) return given
    throw new InvalidArgumentError(`Use one of ${values.join(', ')}.`)
  }
