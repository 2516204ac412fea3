import {fileURLToPath} from 'node:url'

/** The path of a program, script or source that was made from shims/. */
export const shim = (
  name:
    | 'xbuild-session'
    | 'xbuild-activator'
    | 'xbuild-opaque'
    | 'xbuild-capable'
    | 'perl.pl'
    | 'python.py'
    | 'xbuild-python.so'
    | 'stand-in.c'
    | 'uname.c',
) => fileURLToPath(new URL(`../shims/${name}`, import.meta.url))
