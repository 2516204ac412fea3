import {cpSync, readdirSync, readFileSync, renameSync} from 'node:fs'
import {join} from 'node:path'
import type {Test} from 'tap'
import {xbuild} from './rig.js'

/** What a script left in both modes: bytes as Latin-1, by the path below its output directory. */
export type InBothModes = Record<'hybrid' | 'emulated', Map<string, string>>

/**
 * Runs a script in each mode, in one directory, since its name may be in what is made. The script's last argument is the path of a directory
 * that it makes and fills.
 */
export async function runInBothModes(t: Test, environment: string, script: readonly string[], work: string): Promise<InBothModes> {
  const out = join(work, 'out')
  const run = async (mode: string) => {
    const result = await xbuild(['run', environment, '--ephemeral', '--mode', mode, '--', 'sh', ...script, out], {cwd: work})
    t.equal(result.exitCode, 0, result.stdout + result.stderr)
    renameSync(out, join(work, mode))
    return filesIn(join(work, mode))
  }
  return {hybrid: await run('hybrid'), emulated: await run('emulated')}
}

/** The same names, and behind each the same bytes, but for what is made plain before. */
export function sameInBothModes(t: Test, {hybrid, emulated}: InBothModes, plain: (text: string) => string = text => text): void {
  t.same([...hybrid.keys()], [...emulated.keys()])
  for (const [name, bytes] of hybrid) t.ok(plain(bytes) === plain(emulated.get(name) ?? ''), `${name} is the same`)
}

/** A copy of a test's sources, in which it may write. */
export function copyOf(sources: string, work: string): string {
  cpSync(sources, work, {recursive: true})
  return work
}

function filesIn(directory: string): Map<string, string> {
  const paths = readdirSync(directory, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
  return new Map(paths.sort().map(path => [path.slice(directory.length + 1), readFileSync(path, 'latin1')]))
}
