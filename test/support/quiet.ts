/** A log that nobody reads. */
export const quiet = { info: () => {} }
