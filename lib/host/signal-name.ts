import {constants} from 'node:os'

/** Of an exit code of 128 and more, the signal that ended the command, as a shell tells it: `SIGINT`. Undefined for any other. */
export const signalOf = (exitCode: number): string | undefined =>
  Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0]
