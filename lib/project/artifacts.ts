import {createHash} from 'node:crypto'
import {closeSync, readSync, type Stats, writeSync} from 'node:fs'
import {dirname, join, normalize} from 'node:path'
import {isForMachine} from '../core/elf/header.js'
import {XbuildError} from '../core/errors.js'
import {shortened} from '../core/printable.js'
import type {Artifact} from '../core/project/build-result.js'
import {CACHE, OUTPUT} from '../core/project/project.js'
import {type OpenFile, Tree} from '../host/beneath.js'
import {copyBytes} from '../host/files.js'
import {OutputDirectory, writerIn} from '../host/output-directory.js'
import {listUpper} from '../host/tree.js'
import {describeArtifacts, MANIFEST, parseManifestPaths} from './manifest.js'
import type {StepPlace} from './place.js'

/**
 * Copies what the project's patterns match to out/TARGET, each by a rename: a reader finds a whole file or none. What an
 * earlier build put there and this one does not is removed. Throws `bad-artifact`, and `bad-output`.
 *
 * Nothing of the environment runs meanwhile, and no session is needed: what builds changed in the tree lies over the tree.
 */
export async function collectArtifacts(place: StepPlace & {environment: {key: string}}, signal: AbortSignal): Promise<Artifact[]> {
  const {project, target} = place
  if (project.artifacts.length === 0) return []
  const tree = await treeOf(place, signal)
  const paths = await findArtifacts(tree, project.artifacts)
  const path = join(OUTPUT, target.name)
  const writer = writerIn(place.store.home)
  ignoreOutput(project.directory, writer)
  const directory = openOutput(project.directory, path, writer)
  try {
    const artifacts: Artifact[] = []
    for (const path of paths) {
      signal.throwIfAborted()
      artifacts.push(await copyArtifact(tree, path, place, directory, signal))
    }
    const before = readManifest(directory)
    const manifest = `${JSON.stringify(describeArtifacts(place, artifacts), null, 2)}\n`
    await directory.put(MANIFEST, async fd => void writeSync(fd, manifest))
    for (const old of before) if (!paths.includes(old)) directory.remove(old)
    return artifacts
  } catch (error) {
    throw explain(error, join(project.directory, path))
  } finally {
    directory.close()
  }
}

/** The tree as a target's steps see it. */
async function treeOf({project: {directory, sources}, paths}: StepPlace, signal: AbortSignal): Promise<Tree> {
  if (sources === 'in-place') return new Tree([directory], 'refused')
  const {opaque} = await listUpper(paths.view.upper, paths.list, signal)
  return new Tree([paths.view.upper, directory], 'refused', opaque)
}

/** No file of `out` is a source: git need not be told so by the user. What the user has there of that name stays. */
export function ignoreOutput(top: string, writer: string): void {
  const directory = openOutput(top, OUTPUT, writer)
  try {
    directory.putFirst('.gitignore', '*\n')
  } catch (error) {
    throw explain(error, join(top, OUTPUT))
  } finally {
    directory.close()
  }
}

function openOutput(top: string, path: string, writer: string): OutputDirectory {
  try {
    return new OutputDirectory(top, path, writer)
  } catch (error) {
    throw explain(error, join(top, path))
  }
}

function explain(error: unknown, directory: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EISDIR'].includes(code)) return error
  return new XbuildError('bad-output', `the artifacts cannot be copied to ${directory} (${code})`, {
    hint:
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'free some space there'
        : 'it must be a directory that you may write, and neither it nor anything above it in the project a link',
    cause: error,
  })
}

/** Files and links that match, sorted. Every pattern that matches nothing is told. */
export async function findArtifacts(tree: Tree, patterns: readonly string[]): Promise<string[]> {
  const {default: glob} = await import('fast-glob')
  const ignore = [...patterns.filter(isNegative).map(pattern => pattern.slice(1)), `${OUTPUT}/**`, `${CACHE}/**`]
  const options = {cwd: TOP, ignore, dot: true, onlyFiles: false, followSymbolicLinks: false, unique: true, fs: fileSystemOf(tree)}
  const found = new Set<string>()
  const without: string[] = []
  for (const pattern of patterns.filter(one => !isNegative(one))) {
    const paths = matching(pattern).map(normalize).filter(isNoDirectory)
    if (paths.length === 0) without.push(pattern)
    for (const path of paths) found.add(path)
  }
  if (without.length === 0) return [...found].sort()
  throw badArtifact(
    `nothing that was built matches ${without.map(pattern => `"${shortened(pattern, MOST_SHOWN)}"`).join(', ')}`,
    'correct "artifacts" in the configuration; of a directory, "NAME/**" takes all that is in it',
  )

  /** What it cannot take as a pattern, it throws at whoever asks, each in its own way. */
  function matching(pattern: string): string[] {
    try {
      return glob.sync(pattern, options)
    } catch (error) {
      throw badArtifact(
        `"${shortened(pattern, MOST_SHOWN)}" is not a file pattern: ${error instanceof Error ? error.message : error}`,
        'correct "artifacts" in the configuration',
      )
    }
  }

  function isNoDirectory(path: string): boolean {
    const status = tree.status(path, 'itself')
    return status.kind === 'link' || (status.kind === 'found' && !status.value.isDirectory())
  }
}

/** Characters of a pattern that are shown. */
const MOST_SHOWN = 200

/** Where the tree is for fast-glob, which sees nothing else. */
const TOP = '/'

/** The tree as fast-glob looks at one, in which what cannot be had is not there. */
function fileSystemOf(tree: Tree) {
  const orThrow = <T>(result: {kind: 'found'; value: T} | {kind: string; why: string}): T => {
    if ('value' in result) return result.value
    throw Object.assign(new Error(result.why), {code: 'ENOENT'})
  }
  /** A path that leads through a link is told later, by its name. */
  const lstatSync = (path: string): Stats => {
    const status = tree.status(path, 'itself')
    return status.kind === 'link' ? orThrow(tree.status(status.at, 'itself')) : orThrow(status)
  }
  return {readdirSync: (path: string) => orThrow(tree.list(path)), lstatSync, statSync: lstatSync} as object
}

const badArtifact = (message: string, hint: string) => new XbuildError('bad-artifact', message, {hint, exitCode: 1})

const isNegative = (pattern: string) => pattern.startsWith('!')

/** Nothing but the tree's own files and links, and no program for another machine. */
async function copyArtifact(
  tree: Tree,
  path: string,
  place: StepPlace,
  directory: OutputDirectory,
  signal: AbortSignal,
): Promise<Artifact> {
  const link = tree.link(path)
  if (link.kind === 'found') {
    checkLink(path, link.value)
    await directory.putLink(path, link.value)
    return {path, link: link.value}
  }
  const file = tree.open(path)
  if (file.kind === 'link') throw badArtifact(`${path}: ${file.at} is a symbolic link`, 'name the file by its own path in "artifacts"')
  if (file.kind === 'other-kind') throw badArtifact(`${path} is neither a file nor a link`, 'take it out of "artifacts"')
  if (file.kind !== 'found') throw badArtifact(`${path} ${file.why}`, 'what did the build do with it?')
  try {
    checkMachine(path, file.value, place)
    return await copyFile(path, file.value, directory, signal)
  } finally {
    closeSync(file.value.fd)
  }
}

function checkLink(path: string, text: string): void {
  const leads = normalize(join(dirname(path), text))
  if (!text.startsWith('/') && leads.split('/')[0] !== '..') return
  throw badArtifact(`${path} leads out of the tree, to ${text}`, 'name the file that is meant in "artifacts"')
}

/** As many bytes as hold the machine in an ELF header. */
const HEAD = 64

function checkMachine(path: string, {fd}: OpenFile, {record, target}: StepPlace): void {
  const head = Buffer.alloc(HEAD)
  const bytes = head.subarray(0, readSync(fd, head, 0, HEAD, 0))
  if (isForMachine(bytes, Buffer.from(record.elf.magic, 'hex')) !== false) return
  throw badArtifact(
    `${path} is a program for another machine than ${target.name}`,
    'was it in the tree before, or made by a compiler for another machine? A clean build: xbuild-env build --clean',
  )
}

/** As much as there was when it was opened. */
async function copyFile(path: string, {fd, status}: OpenFile, directory: OutputDirectory, signal: AbortSignal): Promise<Artifact> {
  const hash = createHash('sha256')
  let size = 0
  const copy = (to: number) =>
    copyBytes({fd, size: status.size}, to, signal, part => {
      hash.update(part)
      size += part.length
    })
  await directory.put(path, copy, status)
  return {path, size, sha256: hash.digest('hex')}
}

/** More than any list of artifacts takes. */
const MANIFEST_LIMIT = 64 * 2 ** 20

/** What an earlier build put there; none where its manifest is not one of ours. */
function readManifest(directory: OutputDirectory): string[] {
  const text = new Tree([directory.path], 'refused').read(MANIFEST, MANIFEST_LIMIT)
  return text.kind === 'found' ? parseManifestPaths(text.value.toString()) : []
}
