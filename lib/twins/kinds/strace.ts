import {hostArchitecture} from '../../core/hosts/hosts.js'
import {STRACE_PRELUDE} from '../../core/places.js'
import type {TwinKind} from './kind.js'
import {fillPlaceholder} from './placeholder.js'

/** The place in shims/strace/known.pl where what is known goes. */
const PLACEHOLDER = 'my %known = ();'

/** The script with the number of a system call of the host filled in. */
export const fillStrace = (script: string, clockGettime: number): string =>
  fillPlaceholder(script, PLACEHOLDER, `my %known = (clock_gettime => ${clockGettime});`, 'shims/strace/known.pl')

/** strace: a script of our own, which a host-native perl runs. Nobody may trace an emulated process; the emulator tells what it calls. */
export const STRACE: TwinKind = {
  name: 'strace',
  interpreter: {modules: [], prelude: STRACE_PRELUDE, fill: script => fillStrace(script, hostArchitecture().clockGettime)},
}
