import {existsSync, realpathSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {RootAccess} from '../core/as-root.js'
import {plainVariables} from './programs.js'

/** Where sudo and a login of root's look for programs: Debian's /etc/sudoers (secure_path) and /etc/login.defs (ENV_SUPATH). */
const ROOT_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

const COMMAND = fileURLToPath(new URL('../../bin/xbuild-env.js', import.meta.url))

const find = (name: string, directories: readonly string[]) =>
  directories.map(directory => join(directory, name)).find(path => existsSync(path))

/** Whether root's PATH leads to this very file. */
function isRootsOwn(name: string, file: string): boolean {
  const found = find(name, ROOT_PATH)
  return found !== undefined && realpathSync(found) === realpathSync(file)
}

/**
 * The plain name only where root would find this installation by it, and this Node by its `#!/usr/bin/env node`: a version
 * manager's, or a checkout's, root does not find.
 */
export function rootAccess(): RootAccess {
  const isFound = isRootsOwn('xbuild-env', COMMAND) && isRootsOwn('node', process.execPath)
  const path = (plainVariables().PATH ?? '').split(delimiter).filter(Boolean)
  const hasSudo = find('sudo', path) !== undefined
  const isRoot = process.geteuid?.() === 0 && process.env.SUDO_UID === undefined // by sudo: the next line is the user's again
  return {
    way: isRoot ? 'root' : hasSudo ? 'sudo' : 'other',
    xbuildEnv: isFound ? ['xbuild-env'] : [process.execPath, COMMAND],
  }
}
