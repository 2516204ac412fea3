import {XbuildError} from '../core/errors.js'
import {Tree} from '../host/beneath.js'

/**
 * Refuses a twin set in which what a session shows is not a directory, or lies behind a link: an archive may have brought that, and
 * what the link leads to is the host's.
 */
export function requireDirectories(twins: string, paths: readonly string[]): void {
  const tree = new Tree([twins], 'refused')
  for (const path of paths) {
    const status = tree.status(path)
    if (status.kind !== 'found') throw damagedTwins(`${twins}/${path} ${status.why}`)
    if (!status.value.isDirectory()) throw damagedTwins(`${twins}/${path} is not a directory`)
  }
}

export const damagedTwins = (what: string) =>
  new XbuildError('environment-damaged', `the twin set is damaged: ${what}`, {
    hint: 'remove all environments that use it, and create them again',
  })
