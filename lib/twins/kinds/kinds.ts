import {CLANG} from './clang.js'
import {GCC} from './gcc.js'
import {GDB} from './gdb.js'
import {GO} from './go.js'
import {JAVA} from './java.js'
import type {Interpreter, TwinKind} from './kind.js'
import {C_LIBRARY} from './libc.js'
import {MACHINE_NAMES} from './machine-names.js'
import {PERL} from './perl.js'
import {PYTHON} from './python.js'
import {STRACE} from './strace.js'

/** All kinds of twins but the plain one, which is what every program gets: lib/twins/adapt.ts, profiles/twins/plain.json. */
export const TWIN_KINDS: readonly TwinKind[] = [C_LIBRARY, CLANG, GCC, GDB, GO, JAVA, MACHINE_NAMES, PERL, PYTHON, STRACE]

export const INTERPRETERS: readonly Interpreter[] = TWIN_KINDS.flatMap(({interpreter}) => interpreter ?? [])
