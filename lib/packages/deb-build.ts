import {createHash} from 'node:crypto'
import {closeSync, writeFileSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {isBuiltName, type ListedFile, LOG_TYPE, parseChanges, type SourceName, withoutEpoch} from '../core/debian/source-package.js'
import {XbuildError} from '../core/errors.js'
import type {TestCase} from '../core/project/tests.js'
import type {Mode} from '../core/session/mode.js'
import {Tree} from '../host/beneath.js'
import {copyBytes, isThere} from '../host/files.js'
import type {OutputDirectory} from '../host/output-directory.js'
import {takeTree} from '../host/tree.js'
import {buildStep, type DebPlan, type DebStep} from './deb-plan.js'
import type {PreparedBuild, TellDeb} from './deb-prepare.js'
import {beginAttempt, type DebAttempt, type DebSite, runDebStep, stepLog} from './deb-site.js'

/** How one build ended. */
export interface DebRun {
  attempt: DebAttempt
  step: DebStep
  seconds: number
  end: {kind: 'passed'} | {kind: 'failed'; why: string; exitCode: number}
  tests: readonly TestCase[]
}

/** Builds what was prepared. `source`: whether another build of the same follows. */
export async function runBuildOf(
  {site, source}: PreparedBuild,
  plan: DebPlan,
  how: {name: string; mode: Mode; source: 'copy' | 'itself'},
  tell: TellDeb,
  signal: AbortSignal,
): Promise<DebRun> {
  const attempt = await beginAttempt(site, how.name, how.mode, how.source, signal)
  const step = buildStep(plan, source)
  tell({kind: 'phase', phase: 'build'})
  const {seconds, end, tests} = await runDebStep(site, step, attempt, line => tell({kind: 'line', line}), signal)
  tell({kind: 'phase-ended', phase: 'build', seconds})
  return {attempt, step, seconds, tests, end: end.kind === 'passed' ? end : {kind: 'failed', why: end.why, exitCode: end.exitCode}}
}

export interface DebFile {
  name: string
  size: number
  sha256: string
}

/** Bytes: more than any .changes. */
const CHANGES_LIMIT = 16 * 2 ** 20

/**
 * Puts what a build made, as its .changes lists it, and that itself, into a directory: regular files with the sums that are
 * said of them, or nothing. `wanted` chooses among them.
 */
export async function collectDebs(
  {build}: DebAttempt,
  source: SourceName,
  output: OutputDirectory,
  signal: AbortSignal,
  wanted: (name: string) => boolean = () => true,
): Promise<DebFile[]> {
  await takeTree(build, signal)
  const tree = new Tree([build], 'refused')
  const {name, bytes, files} = readChanges(tree, source)
  const listed = [...files, {name, size: bytes.length, sha256: sha256(bytes)}].filter(file => wanted(file.name))
  for (const file of listed) {
    signal.throwIfAborted()
    await copyListed(tree, file, output, signal)
  }
  return listed.map(({name, size, sha256}) => ({name, size, sha256}))
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

function readChanges(tree: Tree, {name, version}: SourceName): {name: string; bytes: Buffer; files: readonly ListedFile[]} {
  const entries = tree.list('.')
  const prefix = `${name}_${withoutEpoch(version)}_`
  const names = entries.kind === 'found' ? entries.value.map(entry => entry.name) : []
  const changes = names.filter(one => one.startsWith(prefix) && one.endsWith('.changes') && isBuiltName(one))
  const file = changes.length === 1 ? changes[0] : undefined
  const text = file === undefined ? undefined : tree.read(file, CHANGES_LIMIT)
  const parsed = text?.kind === 'found' ? parseChanges(text.value.toString()) : undefined
  if (file !== undefined && text?.kind === 'found' && parsed) return {name: file, bytes: text.value, files: parsed.files}
  throw badResult(
    file ?? `${prefix}*.changes`,
    text && text.kind !== 'found' ? text.why : 'is none, or names other files than NAME_VERSION_ARCHITECTURE.TYPE',
  )
}

const badResult = (name: string, why: string) =>
  new XbuildError('bad-artifact', `the build passed, but ${name} ${why}`, {hint: 'what did debian/rules do with it?', exitCode: 1})

async function copyListed(tree: Tree, {name, size, sha256: said}: ListedFile, output: OutputDirectory, signal: AbortSignal): Promise<void> {
  const file = tree.open(name)
  if (file.kind !== 'found') throw badResult(name, file.why)
  const {fd, status} = file.value
  try {
    if (status.size !== size) throw badResult(name, `has ${status.size} bytes, and its .changes says ${size}`)
    const hash = createHash('sha256')
    await output.put(
      name,
      async to => {
        await copyBytes({fd, size}, to, signal, part => void hash.update(part))
        if (hash.digest('hex') !== said) throw badResult(name, 'is another file than its .changes says')
      },
      {mode: 0o644, atime: status.atime, mtime: status.mtime},
    )
  } finally {
    closeSync(fd)
  }
}

/** The steps whose output a log has, before the build's own. */
const LOGGED: readonly DebStep['name'][] = ['fetch', 'unpack', 'install']

/** What the files of a build that it does not make itself begin with. */
export const stemOf = ({name, version}: SourceName, architecture: string) => `${name}_${withoutEpoch(version)}_${architecture}`
export const logName = (stem: string) => `${stem}${LOG_TYPE}`

/** Puts the log of all that was done for a build into a directory. */
export async function writeBuildLog(site: DebSite, log: string | undefined, name: string, output: OutputDirectory): Promise<void> {
  const parts = [...LOGGED.map(step => [step, stepLog(site, step)] as const), ...(log === undefined ? [] : [['build', log] as const])]
  await output.put(name, async fd => {
    for (const [step, path] of parts) {
      if (!isThere(path)) continue
      writeFileSync(fd, `==== ${step}\n`)
      writeFileSync(fd, await readFile(path))
    }
  })
}

/** A directory that a build's files can be put into. */
export const resultsOf = (site: DebSite, name: string) => join(site.directory, name, 'results')
