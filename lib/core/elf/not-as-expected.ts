/** A program is not the one that a rule was written for: it is left as it was, and is no twin. */
export class NotAsExpected extends Error {}

/**
 * Makes a change of a program, which may have any bytes. Returns why it cannot be made; undefined where it was. RangeError: of
 * ProgramImage and Buffer, where a program's own addresses lead out of it.
 */
export function whyNot(change: () => void): string | undefined {
  try {
    change()
    return undefined
  } catch (error) {
    if (error instanceof NotAsExpected) return error.message
    if (error instanceof RangeError) return `its headers do not say the truth: ${error.message}`
    throw error
  }
}
