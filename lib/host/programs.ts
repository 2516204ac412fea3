import {XbuildError} from '../core/errors.js'

/** Which Debian package has a program that xbuild-env runs on the host. */
const PACKAGES: Record<string, string> = {
  mmdebstrap: 'mmdebstrap',
  newuidmap: 'uidmap',
  flock: 'util-linux',
  setpriv: 'util-linux',
  cc: 'gcc libc6-dev',
  'apt-ftparchive': 'apt-utils',
  gpg: 'gnupg',
}

export function missingProgram(program: string, cause?: unknown): XbuildError {
  const packages = PACKAGES[program] ?? program
  return new XbuildError('missing-program', `${program} is not installed`, {hint: `apt-get install ${packages}`, cause})
}

/**
 * Whether a program could not be started for there is none: EACCES also where a directory of PATH may not be searched, and the others
 * do not have it. man 3 exec
 */
export const isNotFound = (code: string | undefined) => code === 'ENOENT' || code === 'EACCES'

/** What programs of the host get to see: neither a test runner's variables nor a user's odd ones change what they do. */
export function plainVariables(): Record<string, string> {
  return {PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C.UTF-8', HOME: process.env.HOME ?? '/'}
}

let onProgram: ((argv: readonly string[]) => void) | undefined

/** From now on, whoever runs programs of the host says which. */
export const watchPrograms = (listener: (argv: readonly string[]) => void) => {
  onProgram = listener
}

/** A program of the host is run now. */
export const tellProgram = (argv: readonly string[]) => onProgram?.(argv)
