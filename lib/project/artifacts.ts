import {randomBytes} from 'node:crypto'
import {lstatSync} from 'node:fs'
import {copyFile, lstat, mkdir, open, readdir, readlink, rename, rm, rmdir, symlink, utimes} from 'node:fs/promises'
import {basename, dirname, join, normalize} from 'node:path'
import type {Artifact} from '../core/build-result.js'
import {isForMachine} from '../core/elf.js'
import {XbuildError} from '../core/errors.js'
import {CACHE, OUTPUT} from '../core/project.js'
import {hashFile, isThere, readFileIfThere} from '../host/files.js'
import {type Manifest, writeManifest} from './manifest.js'
import type {StepPlace} from './place.js'
import {withTree} from './tree.js'

/**
 * Copies what the project's patterns match to out/TARGET, each by a rename: a reader finds a whole file or none. What an
 * earlier build put there and this one does not is removed. Throws `bad-artifact`.
 */
export async function collectArtifacts(place: StepPlace & {environment: {key: string}}, signal: AbortSignal): Promise<Artifact[]> {
  const {project, target} = place
  if (project.artifacts.length === 0) return []
  const directory = join(project.directory, OUTPUT, target.name)
  try {
    return await withTree(place, signal, async tree => {
      const paths = await findArtifacts(tree, project.artifacts)
      const artifacts: Artifact[] = []
      for (const path of paths) {
        signal.throwIfAborted()
        await checkArtifact(tree, path, place)
        artifacts.push(await copyArtifact(tree, path, directory))
      }
      const before = await readManifest(directory)
      await writeManifest(directory, place, artifacts)
      await removeOld(directory, before, paths)
      return artifacts
    })
  } catch (error) {
    throw explain(error, directory)
  }
}

function explain(error: unknown, directory: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EISDIR'].includes(code)) return error
  return new XbuildError('bad-output', `the artifacts cannot be copied to ${directory} (${code})`, {
    hint: code === 'ENOSPC' || code === 'EDQUOT' ? 'free some space there' : 'it must be a directory that you may write',
    cause: error,
  })
}

/** Files and links that match, sorted. Every pattern that matches nothing is told. */
export async function findArtifacts(tree: string, patterns: readonly string[]): Promise<string[]> {
  const {default: glob} = await import('fast-glob')
  const ignore = [...patterns.filter(isNegative).map(pattern => pattern.slice(1)), `${OUTPUT}/**`, `${CACHE}/**`]
  const options = {cwd: tree, ignore, dot: true, onlyFiles: false, followSymbolicLinks: false, unique: true}
  const found = new Set<string>()
  const without: string[] = []
  for (const pattern of patterns.filter(one => !isNegative(one))) {
    const paths = (await glob(pattern, options)).map(path => normalize(path)).filter(path => !lstatSync(join(tree, path)).isDirectory())
    if (paths.length === 0) without.push(pattern)
    for (const path of paths) found.add(path)
  }
  if (without.length === 0) return [...found].sort()
  throw badArtifact(
    `nothing that was built matches ${without.map(pattern => `"${pattern}"`).join(', ')}`,
    'correct "artifacts" in the configuration; of a directory, "NAME/**" takes all that is in it',
  )
}

const badArtifact = (message: string, hint: string) => new XbuildError('bad-artifact', message, {hint, exitCode: 1})

const isNegative = (pattern: string) => pattern.startsWith('!')

/** Nothing but the tree's own files, and no program for another machine. */
async function checkArtifact(tree: string, path: string, {record, target}: StepPlace): Promise<void> {
  for (let above = dirname(path); above !== '.'; above = dirname(above)) {
    if (!(await lstat(join(tree, above))).isSymbolicLink()) continue
    throw badArtifact(`${path}: ${above} is a symbolic link`, 'name the file by its own path in "artifacts"')
  }
  const status = await lstat(join(tree, path))
  if (status.isSymbolicLink()) {
    const text = await readlink(join(tree, path))
    const leads = normalize(join(dirname(path), text))
    if (!text.startsWith('/') && leads.split('/')[0] !== '..') return
    throw badArtifact(`${path} leads out of the tree, to ${text}`, 'name the file that is meant in "artifacts"')
  }
  if (!status.isFile()) throw badArtifact(`${path} is neither a file nor a link`, 'take it out of "artifacts"')
  if (isForMachine(await firstBytes(join(tree, path)), Buffer.from(record.elf.magic, 'hex')) !== false) return
  throw badArtifact(
    `${path} is a program for another machine than ${target.name}`,
    'was it in the tree before, or made by a compiler for another machine? A clean build: xbuild-env build --clean',
  )
}

/** As many as hold the machine in an ELF header. */
async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const {buffer, bytesRead} = await file.read(Buffer.alloc(64), 0, 64, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function copyArtifact(tree: string, path: string, directory: string): Promise<Artifact> {
  const [source, copy] = [join(tree, path), join(directory, path)]
  const beside = join(dirname(copy), `.${basename(copy).slice(0, 200)}.${randomBytes(4).toString('hex')}`)
  const status = await lstat(source)
  await mkdir(dirname(copy), {recursive: true})
  try {
    if (status.isSymbolicLink()) await symlink(await readlink(source), beside)
    else {
      await copyFile(source, beside)
      await utimes(beside, status.atime, status.mtime)
    }
    const artifact = status.isSymbolicLink()
      ? {path, link: await readlink(beside)}
      : {path, size: status.size, sha256: await hashFile(beside, 'sha256')}
    await rename(beside, copy)
    return artifact
  } catch (error) {
    await rm(beside, {force: true})
    throw error
  }
}

async function readManifest(directory: string): Promise<string[]> {
  try {
    const manifest = JSON.parse((await readFileIfThere(join(directory, 'manifest.json'))) ?? '') as Manifest
    return manifest.artifacts.map(({path}) => path)
  } catch {
    return [] // none, or none of ours
  }
}

async function removeOld(directory: string, before: readonly string[], now: readonly string[]): Promise<void> {
  for (const path of before) {
    const own = !now.includes(path) && !normalize(path).startsWith('..') && !path.startsWith('/')
    if (!own || !isThere(dirname(join(directory, path)))) continue
    await rm(join(directory, path), {force: true})
    for (let above = dirname(path); above !== '.' && (await readdir(join(directory, above))).length === 0; above = dirname(above)) {
      await rmdir(join(directory, above))
    }
  }
}
