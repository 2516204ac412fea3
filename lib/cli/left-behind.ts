import type {SessionPlan} from '../core/plan.js'
import {shellLine} from '../core/shell-words.js'
import {findSetUserId} from '../host/set-user-id.js'
import {note} from './output.js'

/**
 * Where the session's root is the host's, a program that it leaves with its set-user-id bit, in a directory of the host's, runs with
 * its owner's rights for everybody who can reach it: that is told. `since`: when the session began, in ms since 1970.
 */
export function tellLeftBehind({operations}: SessionPlan, since: number): void {
  const directories = operations.flatMap(operation => (operation.op === 'bind' && operation.access === 'rw' ? [operation.source] : []))
  for (const path of findSetUserId(directories, since)) {
    note(
      `xbuild-env: the session left a program there that runs with its owner's rights, whoever starts it: ${path}\n  ${shellLine(['chmod', 'ug-s', path])}`,
    )
  }
}
