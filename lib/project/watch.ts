import {relative} from 'node:path'
import {XbuildError} from '../core/errors.js'
import type {Project} from '../core/project/project.js'
import {IgnoredFiles} from './ignored.js'

/** Changes that follow each other within so many ms are one: an editor's save is several, a checkout thousands. */
const QUIET_MS = 60

/** Tells when files of a tree change that matter to its build. */
export interface TreeWatcher {
  /** The paths that change next, of all that happens in a row; those since the last call, where there were any. */
  changes: () => Promise<ReadonlySet<string>>
  close: () => Promise<void>
}

/** Watches a project's tree, from when this returns. Throws `watch-failed`. */
export async function watchTree({directory, watch: {ignore}}: Project): Promise<TreeWatcher> {
  const {watch} = await import('chokidar')
  const ignored = new IgnoredFiles(directory, ignore)
  const gathered = new Gathering()
  const watcher = watch(directory, {
    ignoreInitial: true,
    followSymlinks: false,
    // A removal is told so much later, for another file may come in the place: before what happened with it is.
    atomic: QUIET_MS / 2,
    ignored: (path, status) => {
      const name = relative(directory, path)
      if (name.split('/')[0] === '..') return true // where the tree itself is removed, what lies beside it is looked at
      return name !== '' && ignored.includes(status?.isDirectory() ? `${name}/` : name)
    },
  })
  watcher.on('all', (_, path) => {
    if (path.endsWith('/.gitignore')) ignored.forget()
    gathered.add(relative(directory, path))
  })
  await new Promise<void>((resolve, reject) => {
    watcher.once('ready', resolve)
    watcher.on('error', error => reject(watchFailed(directory, error)))
  })
  return {changes: () => gathered.next(), close: () => watcher.close()}
}

function watchFailed(directory: string, error: unknown): XbuildError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return new XbuildError('watch-failed', `${directory} cannot be watched (${code})`, {
    hint:
      code === 'ENOSPC' || code === 'EMFILE'
        ? 'allow more watches: as root, sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512; or ignore more under "watch"'
        : 'is every directory of it readable?',
    cause: error,
  })
}

/** Gathers paths until nothing more comes for a moment. */
class Gathering {
  #paths = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #tell: (() => void) | undefined

  add(path: string): void {
    this.#paths.add(path)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#tell?.(), QUIET_MS)
  }

  async next(): Promise<ReadonlySet<string>> {
    await new Promise<void>(resolve => {
      this.#tell = resolve
      if (this.#paths.size > 0) this.add([...this.#paths][0] as string)
    })
    const paths = this.#paths
    this.#paths = new Set()
    return paths
  }
}
