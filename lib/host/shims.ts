import {fileURLToPath} from 'node:url'

/** The path of a program that was built from shims/. */
export const shim = (name: 'xbuild-session' | 'xbuild-activator') => fileURLToPath(new URL(`../shims/${name}`, import.meta.url))
