import {readFile, realpath} from 'node:fs/promises'
import {dirname} from 'node:path'
import {XbuildError} from '../core/errors.js'
import {isThere} from './files.js'

/** The path itself, or the nearest above it that exists: where it would be made. */
export function existingPart(path: string): string {
  return isThere(path) ? path : existingPart(dirname(path))
}

/** Options of the mount that a path lies on: fields 5 and 6 of man 5 proc_pid_mountinfo, with \ooo for odd characters. */
async function mountOptions(path: string): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map(line => {
    const [, , , , point = '', options = ''] = line.split(' ')
    return {point: point.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))), options}
  })
  const above = mounts.filter(({point}) => point === '/' || path === point || path.startsWith(`${point}/`))
  const nearest = above.filter(({point}) => point !== '').sort((a, b) => a.point.length - b.point.length)
  return nearest.at(-1)?.options.split(',') ?? []
}

/** Whether no program may be executed where a path lies, or would. */
export const isNoexec = async (path: string): Promise<boolean> =>
  (await mountOptions(await realpath(existingPart(path)))).includes('noexec')

/** Before an environment is made there. A session sees it by itself (shims/session/mounts.c). */
export async function requireExecutable(data: string): Promise<void> {
  if (!(await isNoexec(data))) return
  throw new XbuildError('unsupported-host', `${data} is mounted noexec, and programs of a twin set run from it`, {
    hint: 'keep the data elsewhere: XBUILD_ENV_DATA=/some/directory',
  })
}
