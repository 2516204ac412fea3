import {explainFileError} from '../host/files.js'
import {printError} from './output.js'

/** A command's action: its exit code, or an error that is printed. */
export type Action<T extends unknown[]> = (...args: T) => Promise<number>

/** The only place that ends the program. */
export const exitWith =
  <T extends unknown[]>(action: Action<T>) =>
  async (...args: T): Promise<void> => {
    try {
      process.exitCode = await action(...args)
    } catch (error) {
      process.exitCode = printError(explainFileError(error))
    }
  }
