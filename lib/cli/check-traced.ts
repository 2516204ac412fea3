import {XbuildError} from '../core/errors.js'
import type {EnvironmentRecord} from '../environment/record.js'

/** The activator tells of each exec that it is handed. */
export function checkTraced({name, programs}: EnvironmentRecord): void {
  if (programs === 'emulated') return
  throw new XbuildError(
    'usage',
    `execs in "${name}" cannot be recorded: the kernel runs its programs by itself, without the activator, which records them elsewhere`,
    {
      hint: `leave --trace and --stats out; how long a command takes: xbuild-env run ${name} -- bash -c 'time COMMAND'`,
    },
  )
}
