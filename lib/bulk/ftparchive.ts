import {XbuildError} from '../core/errors.js'
import {run} from '../host/run.js'

/** What apt-ftparchive prints. man 1 apt-ftparchive */
export async function ftparchive(args: readonly string[]): Promise<string> {
  const {exitCode, stdout, stderr} = await run('apt-ftparchive', ['--quiet', ...args])
  if (exitCode === 0) return stdout
  throw new XbuildError('archive', `apt-ftparchive ended with ${exitCode}: ${stderr.trim().split('\n').at(-1) ?? ''}`, {
    hint: "is there space on the disk, and are all of the pool's files whole?",
  })
}

/** Throws `missing-program` where it is not installed: before anything is built. */
export async function requireFtparchive(): Promise<void> {
  await run('apt-ftparchive', ['--version'])
}
