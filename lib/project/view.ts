import {constants, lstatSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {contentKey} from '../core/key.js'
import {newViewState, parseViewState, reconcile, remember, type UserFile, type ViewState} from '../core/project/view-state.js'
import {isThere, makeDirectory, readFileIfThere, writeFileSafely} from '../host/files.js'
import {removeTree} from '../host/maker.js'
import {listUpper, pathIn, removePaths} from '../host/tree.js'
import type {BuildPaths} from './paths.js'

/** What became of the last build's view. */
export type ViewNews =
  | {kind: 'kept'; conflicts: readonly string[]}
  /** Made anew: there was none, it was asked for, or the last build was killed and left files that are half written. */
  | {kind: 'new'; because: 'first' | 'asked' | 'killed'}

/** The clock that files are stamped with may be so much behind, in ms: a tick of the kernel's (CONFIG_HZ=100), and some. */
const CLOCK_STEP = 20

/** A view that a build works in. */
export interface OpenView {
  news: ViewNews
  /** When the build began, in ms since 1970, as files are stamped. */
  began: number
}

/** Makes a target's view ready for a build, which is told at its end (`endView`). The caller holds the target's lock. */
export async function beginView(paths: BuildPaths, clean: boolean, signal: AbortSignal): Promise<OpenView> {
  const state = parseViewState((await readFileIfThere(paths.state)) ?? '')
  const began = Date.now() - CLOCK_STEP
  if (clean || state?.state !== 'idle' || !isThere(paths.view.upper)) {
    await removeTree(paths.directory)
    await writeFileSafely(paths.tree, `${JSON.stringify({tree: paths.view.directory})}\n`)
    await makeDirectories(paths)
    await writeState(paths, newViewState('building', {}))
    return {news: {kind: 'new', because: clean ? 'asked' : state?.state === 'building' ? 'killed' : 'first'}, began}
  }
  const conflicts = await takeOver(paths, state, signal)
  await forgetChanges(paths)
  await makeDirectories(paths)
  return {news: {kind: 'kept', conflicts}, began}
}

/** What the user has changed since is the user's; returns of it what a build had changed too. Until its end, the view is not whole. */
async function takeOver(paths: BuildPaths, {seen}: ViewState, signal: AbortSignal): Promise<string[]> {
  const {view} = paths
  const {conflicts, remove} = reconcile(
    seen,
    path => userFile(view.directory, path),
    path => lstatSync(pathIn(view.upper, path)).isCharacterDevice(),
  )
  await writeState(paths, newViewState('building', {}))
  await removePaths(view.upper, remove, paths.list, signal)
  return conflicts.map(path => Buffer.from(path, 'latin1').toString()).sort()
}

/** The last build's view as it was left, to be looked at. */
export interface LookedAtView {
  /** `killed`: the last build was, and the next makes the view anew; nothing is told of its end. */
  state: 'whole' | 'killed'
  conflicts: readonly string[]
  began: number
}

/** Makes the last build's view ready for a look. Undefined where there is none. The caller holds the target's lock. */
export async function reopenView(paths: BuildPaths, signal: AbortSignal): Promise<LookedAtView | undefined> {
  const state = parseViewState((await readFileIfThere(paths.state)) ?? '')
  if (state === undefined || !isThere(paths.view.upper)) return undefined
  const began = Date.now() - CLOCK_STEP
  const conflicts = state.state === 'idle' ? await takeOver(paths, state, signal) : []
  await makeDirectories(paths)
  return {state: state.state === 'idle' ? 'whole' : 'killed', conflicts, began}
}

/** Of a build that ended by itself, or was ended in peace. */
export async function endView(paths: BuildPaths, {began}: Pick<OpenView, 'began'>): Promise<void> {
  const layer = await listUpper(paths.view.upper, paths.list, new AbortController().signal) // an interruption does not end this
  const seen = remember(layer, began, path => userFile(paths.view.directory, path))
  await writeState(paths, newViewState('idle', seen))
}

const writeState = (paths: BuildPaths, state: ViewState) => writeFileSafely(paths.state, `${JSON.stringify(state)}\n`)

async function makeDirectories({view, changes, log}: BuildPaths): Promise<void> {
  await makeDirectory(join(log('step'), '..'))
  for (const path of [view.upper, view.work, changes.upper, changes.work]) await makeDirectory(path)
}

/**
 * What the steps changed outside of the tree lasts for one build: the next begins with the environment as it is. Where a step failed,
 * it is kept until then, for who looks at it.
 */
export async function forgetChanges({changes}: BuildPaths): Promise<void> {
  if (isThere(changes.directory)) await removeTree(changes.directory)
}

/**
 * Size, times and number: what a program that writes a file, or puts another in its place, changes. Of a directory, those of
 * all that is in it.
 */
function userFile(tree: string, path: string): UserFile {
  try {
    const {mode, size, ino, mtimeNs, ctimeMs} = lstatSync(pathIn(tree, path), {bigint: true})
    const own = {stamp: `${mode} ${size} ${ino} ${mtimeNs}`, changed: Number(ctimeMs)}
    if ((Number(mode) & constants.S_IFMT) !== constants.S_IFDIR) return own
    const names = readdirSync(pathIn(tree, path), 'latin1').sort()
    const all = [own, ...names.map(name => userFile(tree, `${path}/${name}`))]
    return {
      stamp: contentKey({stamps: all.map(({stamp}) => stamp)}),
      changed: all.reduce((latest, {changed}) => Math.max(latest, changed), 0),
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return {stamp: null, changed: 0}
    throw error
  }
}
