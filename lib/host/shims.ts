import {fileURLToPath} from 'node:url'

/** The path of a program, or script, that was made from shims/. */
export const shim = (name: 'xbuild-session' | 'xbuild-activator' | 'xbuild-opaque' | 'prelude.pl') =>
  fileURLToPath(new URL(`../shims/${name}`, import.meta.url))
