import {ProgramImage} from '../../core/elf/image.js'
import {GDB_PRELUDE, LIBRARY_DIRECTORY} from '../../core/places.js'
import type {TargetFacts} from '../../core/twins/route.js'
import type {TwinKind} from './kind.js'
import {fillPlaceholder} from './placeholder.js'

/** The place in shims/gdb/known.py where what is known goes. */
const PLACEHOLDER = 'KNOWN = {}'

/** The prelude with what is known of a root filled in: as JSON, which without null and truth values is Python. */
export function fillGdbPrelude(prelude: string, {triple}: Pick<TargetFacts, 'triple'>): string {
  const known = {target: triple, libraries: LIBRARY_DIRECTORY}
  return fillPlaceholder(prelude, PLACEHOLDER, `KNOWN = ${JSON.stringify(known, null, 4)}`, 'shims/gdb/known.py')
}

/**
 * gdb: one that knows all CPUs, whose programs run under the emulator, which it talks to. Nobody may trace an emulated process: what it
 * does is the emulator's work.
 */
export const GDB: TwinKind = {
  name: 'gdb',
  programs: {
    isFor: path => path === '/usr/bin/gdb-multiarch',
    // Said when it starts and with --version alone, so that it may stay where it cannot be changed.
    adapt: (bytes, _, {host, target}) => void new ProgramImage(bytes).replaceText(host.triple, target.triple),
  },
  interpreter: {
    modules: [],
    prelude: GDB_PRELUDE,
    fill: (shim, {target}) => fillGdbPrelude(shim, target),
  },
}
