import {lstatSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {findTarget, readTargets, type Target} from '../config/profiles.js'
import {findProjectFile, parseProject} from '../config/project.js'
import {writeProject} from '../config/write-project.js'
import {XbuildError} from '../core/errors.js'
import {guessProject, TELLING_FILES} from '../core/project/guess/guess-project.js'
import type {ProjectGuess} from '../core/project/guess/tree.js'
import {quoteWord} from '../core/shell-words.js'
import {writeFileSafely} from '../host/files.js'
import {findSubprojects, readTree, type Subproject} from '../project/read-tree.js'
import {printAs} from './json.js'
import {ask, canAsk, green, note, print} from './output.js'

export interface InitOptions {
  dryRun?: boolean
  stdout?: boolean
  force?: boolean
  each?: boolean
  json?: boolean
}

/** One that most users have, and two that find what others do not: another byte order, and strict about alignment. */
const TARGETS = ['mips64el', 'arm64', 's390x']

const FILE = 'xbuild-env.yaml'

/** Writes a configuration that fits the tree here, and says what it chose and why. */
export async function init(given: readonly string[], options: InitOptions): Promise<number> {
  const directory = process.cwd()
  const known = await readTargets()
  const targets = (given.length > 0 ? given : TARGETS).map(name => chooseSuite(findTarget(name, known)?.name ?? name, known))
  const guess = guessProject(await readTree(directory))
  if (guess) {
    await initOne({directory, path: '.', guess}, targets, known, options)
    return 0
  }
  const inner = await findSubprojects(directory)
  if (inner.length === 0) throw nothingTells(directory)
  if (options.json && options.each) throw new XbuildError('usage', '--json tells of one project', {hint: 'leave out --json or --each'})
  const chosen = options.each ? inner : await chooseSubprojects(directory, inner)
  for (const {path, guess: own} of chosen) await initOne({directory: join(directory, path), path, guess: own}, targets, known, options)
  return 0
}

const nothingTells = (directory: string) =>
  new XbuildError('usage', `nothing in ${directory} tells how it is built`, {
    hint: `looked for ${TELLING_FILES.slice(0, 6).join(', ')} …; docs/projects.md shows how to write ${FILE}`,
    exitCode: 1,
  })

/** Of a tree that is many projects: those that whoever is at the terminal wants. */
async function chooseSubprojects(directory: string, inner: readonly Subproject[]): Promise<Subproject[]> {
  const names = inner.map(({path, guess}) => `${path} (${guess.kind})`).join(', ')
  const found = `nothing in ${directory} itself tells how it is built; projects in it: ${names}`
  if (!canAsk()) {
    const first = quoteWord(inner[0]?.path ?? '.')
    const hint = `for each of them: xbuild-env init --each; for one: cd ${first} && xbuild-env init`
    throw new XbuildError('usage', found, {hint, exitCode: 1})
  }
  note(found)
  const chosen: Subproject[] = []
  for (const one of inner) if (await ask(`write ${join(one.path, FILE)} (${one.guess.kind})?`)) chosen.push(one)
  return chosen
}

interface Place {
  directory: string
  /** The same, within the directory where the user is. */
  path: string
  guess: ProjectGuess
}

async function initOne(place: Place, targets: readonly InitTarget[], known: readonly Target[], options: InitOptions): Promise<void> {
  const {directory, guess} = place
  const text = writeProject(targets, guess)
  const path = join(directory, FILE)
  const writes = !options.dryRun && !options.stdout
  if (writes && !options.force) await refuseThere(directory)
  await parseProject(text, path) // an unknown target is refused as it would be there
  if (writes) await writeFileSafely(path, text)
  if (options.json) return printAs('init', describeInit(writes ? path : undefined, targets, guess, text))
  if (!writes) return print(text.trimEnd())
  note(`${green('wrote')} ${join(place.path, FILE)}, since ${guess.because}`)
  const described = targets.map(target => describeTarget(target, known))
  for (const line of explain(place, described)) note(`  ${line}`)
}

const describeInit = (file: string | undefined, targets: readonly InitTarget[], guess: ProjectGuess, text: string) => ({
  file,
  because: guess.because,
  targets: targets.map(target => (typeof target === 'string' ? target : target.profile)),
  packages: guess.packages,
  steps: Object.keys(guess.steps),
  artifacts: guess.artifacts,
  notes: guess.notes,
  text,
})

async function refuseThere(directory: string): Promise<void> {
  const there = await findProjectFile(directory)
  if (!there?.startsWith(`${directory}/`) || there.slice(directory.length + 1).includes('/')) return
  throw new XbuildError('usage', `there is already a configuration: ${there}`, {
    hint: 'to overwrite it: xbuild-env init --force; to see what it would be: xbuild-env init --stdout',
  })
}

type InitTarget = string | {profile: string; suite: string}

/** The default suite, unless only another was tried. */
function chooseSuite(profile: string, known: readonly Target[]): InitTarget {
  const target = known.find(({name}) => name === profile)
  const tried = Object.entries(target?.suites ?? {}).flatMap(([name, suite]) => (suite.tried ? [name] : []))
  return tried[0] === undefined || tried.includes(target?.defaultSuite ?? '') ? profile : {profile, suite: tried[0]}
}

function describeTarget(target: InitTarget, known: readonly Target[]): string {
  const {profile, suite} = typeof target === 'string' ? {profile: target, suite: undefined} : target
  const endian = known.find(({name}) => name === profile)?.endian ?? 'little'
  return `${profile} (${endian}-endian${suite === undefined ? '' : `, ${suite}: the suite in which it was tried`})`
}

function explain({directory, path, guess}: Place, targets: readonly string[]): string[] {
  return [
    `targets: ${targets.join(', ')}`,
    ...(guess.packages.length > 0 ? [`packages: ${guess.packages.join(', ')}`] : []),
    `steps: ${Object.keys(guess.steps).join(', ')}`,
    ...(guess.artifacts.length > 0 ? [`artifacts: ${guess.artifacts.join(', ')}`] : []),
    ...guess.notes,
    ...describeLeftovers(directory),
    path === '.' ? 'next: xbuild-env build' : `next: cd ${quoteWord(path)} && xbuild-env build`,
  ]
}

/** What a build in the tree itself leaves, which builds for other machines would take for theirs. */
function describeLeftovers(directory: string): string[] {
  const found = readdirSync(directory).find(
    name => /^config\.status$|\.(o|lo|obj)$|^CMakeCache\.txt$/.test(name) && lstatSync(join(directory, name)).isFile(),
  )
  return found === undefined ? [] : [`${found} is of a build for this machine: clean the tree first (make distclean)`]
}
