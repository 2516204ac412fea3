import {fileURLToPath} from 'node:url'

/** A program, script or source that was made from shims/. */
export type Shim =
  | 'xbuild-session'
  | 'xbuild-activator'
  | 'xbuild-opaque'
  | 'xbuild-capable'
  | 'perl.pl'
  | 'python.py'
  | 'gdb.py'
  | 'strace.pl'
  | 'xbuild-python.so'
  | 'xbuild-java.so'
  | 'stub.c'
  | 'uname.c'

/** Its path. */
export const shim = (name: Shim) => fileURLToPath(new URL(`../../dist/shims/${name}`, import.meta.url))
