import {XbuildError} from '../errors.js'

/** How the programs of an environment run: by the kernel alone, or by the activator, in a mode. */
export type Programs = 'native' | 'emulated'

/** `emulated`: the same as `hybrid`, but nothing is routed that has a build for the CPU. */
export type Mode = 'hybrid' | 'emulated'

export function parseMode(text: string | undefined): Mode {
  if (text === undefined || text === 'hybrid' || text === 'emulated') return text ?? 'hybrid'
  throw new XbuildError('usage', `--mode ${text}: there is no such mode`, {hint: 'hybrid (the default) or emulated'})
}

/** How a session runs an environment's programs. */
export type Running = Mode | 'native'

/** Throws `usage` where the mode is none that the environment can have. */
export function runningOf({name, programs}: {name: string; programs: Programs}, mode: Mode): Running {
  switch (programs) {
    case 'emulated':
      return mode
    case 'native':
      if (mode === 'hybrid') return 'native' // what needs no twin
      throw new XbuildError(
        'usage',
        `nothing of "${name}" can be emulated: it is of this machine's own architecture, and has no emulator`,
        {
          hint: 'leave --mode emulated out, or take another architecture: "xbuild-env profiles" lists them',
        },
      )
  }
}
