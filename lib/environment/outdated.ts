import {join} from 'node:path'
import {type FileIdentity, isSameFile, type Route} from '../core/route.js'
import {fileIdentity} from '../twins/program.js'

/**
 * Whether the file of a route, in the layers of an environment, topmost first, is another by now. One that is gone is not:
 * there is nothing to be run.
 */
export function isOutdated({path, file}: Pick<Route, 'path' | 'file'>, trees: readonly string[]): boolean {
  const now = file.fixed && identityIn(trees, path)
  return now !== undefined && !isSameFile(file, now)
}

/**
 * As the topmost layer has it. A whiteout, or a directory that hides what is below, is not looked for: the activator
 * compares the file that is executed.
 */
function identityIn(trees: readonly string[], path: string): FileIdentity | undefined {
  for (const tree of trees) {
    const file = fileIdentity(join(tree, path))
    if (file) return file
  }
  return undefined
}
