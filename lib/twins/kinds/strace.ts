import {hostArchitecture} from '../../core/hosts/hosts.js'
import {STRACE_PRELUDE} from '../../core/places.js'
import type {TwinKind} from './kind.js'

/** The place in shims/strace/strace.pl where what is known goes. */
const PLACEHOLDER = 'my %known = ();'

/** The script with the number of a system call of the host filled in. */
export function fillStrace(script: string, clockGettime: number): string {
  if (!script.includes(`\n${PLACEHOLDER}\n`)) throw new Error(`shims/strace/strace.pl has no line ${PLACEHOLDER}`)
  return script.replace(`\n${PLACEHOLDER}\n`, () => `\nmy %known = (clock_gettime => ${clockGettime});\n`)
}

/** strace: a script of our own, which a host-native perl runs. Nobody may trace an emulated process; the emulator tells what it calls. */
export const STRACE: TwinKind = {
  name: 'strace',
  interpreter: {modules: [], prelude: STRACE_PRELUDE, fill: script => fillStrace(script, hostArchitecture().clockGettime)},
}
