import {PATH_MAX} from '../core/kernel.js'
import {shortened} from '../core/printable.js'
import {shellLine} from '../core/shell-words.js'
import {findPrivileged, type Privileged} from '../host/privileged.js'
import {note} from './output.js'

/**
 * Where the session's root is the host's, a program that it leaves with its set-user-id bit or with capabilities, in files of the
 * host's, runs with these for everybody who can reach it: that is told. `since`: when the session began, in ms since 1970.
 */
export const tellPrivileged = (directories: readonly string[], since: number): void => tellFound(findPrivileged(directories, since))

/** The same of what was found already. */
export function tellFound(found: readonly Privileged[]): void {
  for (const privileged of found) {
    const {what, undo} = describe(privileged)
    const path = shown(privileged.path)
    note(`xbuild-env: the session left a program there that runs with ${what}, whoever starts it: ${path}\n  ${undo}`)
  }
}

/** Characters of a path that are shown: enough for any that a command takes. */
const MOST_SHOWN = 4096

/** No escape sequences, nor a second line, nor one without an end. */
const shown = (path: Buffer) => shortened(path.toString().replaceAll(/\p{C}/gu, '?'), MOST_SHOWN)

function describe(privileged: Privileged): {what: string; undo: string} {
  switch (privileged.rights) {
    case 'owner':
      return {what: "its owner's rights", undo: undoing(privileged, name => ['chmod', 'ug-s', name])}
    case 'capabilities':
      // A change of the owner takes them away, also one to the same; setcap(8) need not be installed.
      return {what: 'capabilities of its own', undo: undoing(privileged, name => ['chown', `--reference=${name}`, name])}
  }
}

/** One whose name cannot be shown, or is too long for a command, is called by its inode. */
function undoing({path, inode, below}: Privileged, command: (name: string) => string[]): string {
  const name = path.toString()
  const isLong = path.length >= PATH_MAX
  if (!isLong && Buffer.from(name).equals(path) && shown(path) === name) return shellLine(command(name))
  return shellLine(['find', below, '-xdev', '-inum', String(inode), isLong ? '-execdir' : '-exec', ...command('{}'), ';'])
}
