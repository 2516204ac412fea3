import {lstatSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {readTargets, type Target} from '../config/profiles.js'
import {findProjectFile, parseProject} from '../config/project.js'
import {writeProject} from '../config/write-project.js'
import {XbuildError} from '../core/errors.js'
import {guessProject, PROJECT_FILES, type ProjectGuess} from '../core/project/guess-project.js'
import {readFileIfThere, writeFileSafely} from '../host/files.js'
import {printAs} from './json.js'
import {green, note, print} from './output.js'

export interface InitOptions {
  dryRun?: boolean
  json?: boolean
}

/** One that most users have, and two that find what others do not: another byte order, and strict about alignment. */
const TARGETS = ['mips64el', 'arm64', 's390x']

const FILE = 'xbuild-env.yaml'

/** Writes a configuration that fits the tree here, and says what it chose and why. */
export async function init(given: readonly string[], {dryRun = false, json = false}: InitOptions): Promise<number> {
  const directory = process.cwd()
  const there = await findProjectFile(directory)
  if (there?.startsWith(`${directory}/`) && !there.slice(directory.length + 1).includes('/')) {
    throw new XbuildError('usage', `there is a configuration already: ${there}`, {hint: '"xbuild-env config" shows it; remove it first'})
  }
  const guess = guessProject(await readTexts(directory))
  if (!guess) {
    throw new XbuildError('usage', `nothing in ${directory} tells how it is built`, {
      hint: `looked for ${PROJECT_FILES.slice(0, 6).join(', ')} …; docs/projects.md shows how to write ${FILE}`,
      exitCode: 1,
    })
  }
  const known = await readTargets()
  const targets = (given.length > 0 ? given : TARGETS).map(name => chooseSuite(name, known))
  const text = writeProject(targets, guess)
  const path = join(directory, FILE)
  await parseProject(text, path) // an unknown target is refused as it would be there
  if (!dryRun) await writeFileSafely(path, text)
  if (json) {
    printAs('init', describeInit(dryRun ? undefined : path, targets, guess, text))
    return 0
  }
  if (dryRun) {
    print(text.trimEnd())
    return 0
  }
  note(`${green('wrote')} ${FILE}, since ${guess.because}`)
  for (const line of explain(
    directory,
    targets.map(target => describeTarget(target, known)),
    guess,
  ))
    note(`  ${line}`)
  return 0
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

/** A file may be anything: of a directory or a broken link of that name nothing is known. */
async function readTexts(directory: string): Promise<Record<string, string>> {
  const texts = await Promise.all(
    PROJECT_FILES.map(async name => [name, await readFileIfThere(join(directory, name)).catch(() => undefined)] as const),
  )
  return Object.fromEntries(texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])))
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

function explain(directory: string, targets: readonly string[], guess: ProjectGuess): string[] {
  return [
    `targets: ${targets.join(', ')}`,
    ...(guess.packages.length > 0 ? [`packages: ${guess.packages.join(', ')}`] : []),
    `steps: ${Object.keys(guess.steps).join(', ')}`,
    ...(guess.artifacts.length > 0 ? [`artifacts: ${guess.artifacts.join(', ')}`] : []),
    ...guess.notes,
    ...describeLeftovers(directory),
    'next: xbuild-env build',
  ]
}

/** What a build in the tree itself leaves, which builds for other machines would take for theirs. */
function describeLeftovers(directory: string): string[] {
  const found = readdirSync(directory).find(
    name => /^config\.status$|\.(o|lo|obj)$|^CMakeCache\.txt$/.test(name) && lstatSync(join(directory, name)).isFile(),
  )
  return found === undefined ? [] : [`${found} is of a build for this machine: clean the tree first (make distclean)`]
}
