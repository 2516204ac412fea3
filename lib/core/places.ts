/**
 * Where a session keeps what the activator needs. `shims/places.h` has the same names for C; a test compares them.
 */

import {basename} from 'node:path'

/** Descriptors of PID 1, see shims/places.h. */
export const ROUTES_FD = 100
export const TWINS_FD = 101
/** The activator itself, for entries that come while the session runs. */
export const ACTIVATOR_FD = 102
/** Of the file of TRACE_FIFO, in a session that is traced. */
export const TRACE_FD = 103

/** The table of routes, in the directory that ROUTES_FD is. */
export const TABLE_FILE = 'table'

/** In the session's /dev: PID 1's socket, the twins' dynamic loader and libraries, and their locales. */
export const PRIVATE_DIRECTORY = '/dev/xbuild'
export const SOCKET = `${PRIVATE_DIRECTORY}/socket`
export const TRACE_FIFO = `${PRIVATE_DIRECTORY}/trace`

/** The twins' C library has these paths compiled in. */
export const LIBRARY_DIRECTORY = `${PRIVATE_DIRECTORY}/lib`
export const LOADER = `${LIBRARY_DIRECTORY}/ld.so`
/** The same, for programs that need much memory. */
export const HEAP_LOADER = `${LIBRARY_DIRECTORY}/ld-heap.so`

/** Both of them, by the names that they have among a twin set's libraries. */
export const loaderNames = (host: {loader: string}) => [basename(host.loader), basename(HEAP_LOADER)]
/** As long as /usr/lib/locale, which it replaces in the C library. */
export const LOCALE_DIRECTORY = `${PRIVATE_DIRECTORY}/loc`

/**
 * What host-native perls and pythons begin with: shims/perl/prelude.pl, which profiles/twins/perl.json names, and
 * shims/python/prelude.py, which shims/python/hook.c runs.
 */
export const PRELUDES_DIRECTORY = `${PRIVATE_DIRECTORY}/preludes`
export const PERL_PRELUDE = 'perl.pl'
export const PYTHON_PRELUDE = 'python.py'
/** Likewise gdb: shims/gdb, which profiles/twins/gdb.json names. */
export const GDB_PRELUDE = 'gdb.py'
/** All that a host-native strace is: shims/strace, which profiles/twins/strace.json names. */
export const STRACE_PRELUDE = 'strace.pl'

/** In a root of a CPU without an archive: what each program that has no build for the target yet is a link to. The name is that of the first roots. */
export const STUB = '/usr/lib/xbuild-env/stand-in'

/**
 * What the system's entries need: a copy of the activator with their table in it, which the kernel is told instead of
 * interpreters with arguments; and what is kept of them.
 */
const SYSTEM_DIRECTORY = '/var/lib/xbuild-env'
export const SYSTEM_ACTIVATOR = `${SYSTEM_DIRECTORY}/activator`
export const SYSTEM_ENTRIES = `${SYSTEM_DIRECTORY}/entries.json`
/** The activator as it is, for sessions that use the system's binfmt_misc: only root can change what root has registered. */
export const SESSIONS_ACTIVATOR = `${SYSTEM_DIRECTORY}/sessions-activator`

/** How the room for a table begins in the activator, until one is written there, and its size in bytes. */
export const OWN_TABLE = "xbuild-env's table of entries: none"
export const OWN_TABLE_SIZE = 131072

/** The administrator's directory of binfmt.d(5). */
export const BINFMT_D = '/etc/binfmt.d'
