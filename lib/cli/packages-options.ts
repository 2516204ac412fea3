import {readFile} from 'node:fs/promises'
import {text} from 'node:stream/consumers'
import type {Against, BulkPlan, Experiment, First} from '../core/bulk/plan.js'
import type {Selection, VerifyWish} from '../core/bulk/select.js'
import {XbuildError} from '../core/errors.js'
import {parseSize} from '../core/session/limits.js'
import {isPath} from '../packages/deb-source.js'
import {parseTime, readNumber} from './limits.js'
import type {EngineOptions} from './packages-engine.js'

export interface PackagesBuildOptions extends EngineOptions {
  list?: string
  section?: readonly string[]
  all?: boolean
  sample?: string
  seed: string
  maxSize?: string
  run?: string
  checks: boolean
  profiles?: readonly string[]
  against: string
  first: string
  native?: string
  experiments: boolean
  budget: string
  timeout: string
  silence: string
  memory?: string
  processes: string
  disk?: string
  retries: string
  verify?: readonly string[]
  trace: boolean
  checkInstallable: boolean
  compareArchive?: boolean
  dryRun?: boolean
  json?: boolean
}

/** What of the options is not which packages. */
export type Choices = Pick<BulkPlan, 'settings' | 'policy' | 'against' | 'first'>

export function readChoices(options: PackagesBuildOptions): Choices {
  const size = (option: string, value: string | undefined) =>
    value === undefined ? undefined : readNumber(option, value, parseSize, 'a size', '4G')
  const time = (option: string, value: string) => readNumber(option, value, parseTime, 'a time', '4h')
  const number = (option: string, value: string) => readNumber(option, value, parseNumber, 'a number', '2')
  const experiments: readonly Experiment[] = options.experiments ? ['alone', 'native', 'emulated'] : []
  return {
    settings: {
      checks: options.checks ? 'run' : 'skip',
      profiles: checkProfiles(options.profiles ?? []),
      traces: options.trace ? 'kept' : 'none',
      archive: options.compareArchive ? 'compared' : 'not-compared',
      limits: {
        time: time('--timeout', options.timeout),
        silence: time('--silence', options.silence),
        memory: size('--memory', options.memory),
        processes: number('--processes', options.processes),
        disk: size('--disk', options.disk),
      },
    },
    against: readAgainst(options.against),
    first: readFirst(options.first),
    policy: {retries: number('--retries', options.retries), budget: time('--budget', options.budget), experiments},
  }
}

const AGAINST: readonly Against[] = ['archive', 'feed', 'nothing']

function readAgainst(word: string): Against {
  const found = AGAINST.find(one => one === word)
  if (found) return found
  throw new XbuildError('usage', `--against ${word}: not where build dependencies can come from`, {hint: `one of ${AGAINST.join(', ')}`})
}

function readFirst(word: string): First {
  if (word === 'longest' || word === 'shortest') return word
  throw new XbuildError('usage', `--first ${word}: not what can begin first`, {hint: '--first longest or --first shortest'})
}

const parseNumber = (text: string) => (/^\d{1,7}$/.test(text) ? Number(text) : undefined)

/** https://wiki.debian.org/BuildProfileSpec: names as of packages. */
export function checkProfiles(profiles: readonly string[]): readonly string[] {
  const odd = profiles.find(one => !/^[a-z0-9][a-z0-9.+-]*$/.test(one))
  if (odd === undefined) return profiles
  throw new XbuildError('usage', `"${odd}" is not a build profile`, {hint: 'as nodoc, or nodoc,nocheck'})
}

/** Names of the archives, and what lies on the host. */
export interface Wanted {
  selection: Selection
  paths: readonly string[]
}

/** A share, as 10%, and names. */
export function readVerify({verify = [], seed}: PackagesBuildOptions): VerifyWish {
  const shares = verify.flatMap(word => (word.endsWith('%') ? [Number(word.slice(0, -1))] : []))
  const odd = shares.find(share => !(share >= 0 && share <= 100))
  if (odd !== undefined || shares.length > 1) {
    throw new XbuildError('usage', `--verify ${verify.join(',')}: not a share`, {hint: 'one share, as 10%, or names of packages, or both'})
  }
  return {share: (shares[0] ?? 0) / 100, names: verify.filter(word => !word.endsWith('%')), seed}
}

export async function readSelection(words: readonly string[], options: PackagesBuildOptions): Promise<Wanted> {
  const listed = options.list === undefined ? [] : await readList(options.list)
  const {names, paths} = splitWords([...words, ...listed])
  return {
    paths,
    selection: {
      names,
      sections: options.section ?? [],
      all: options.all === true,
      sample:
        options.sample === undefined
          ? undefined
          : {count: readNumber('--sample', options.sample, parseNumber, 'a number', '150'), seed: options.seed},
      largest: options.maxSize === undefined ? undefined : readNumber('--max-size', options.maxSize, parseSize, 'a size', '5M'),
    },
  }
}

/** What is of the archives, and what lies on the host, as `deb` tells them apart. */
export function splitWords(words: readonly string[]): {names: string[]; paths: string[]} {
  return {names: words.filter(word => !isPath(word)), paths: words.filter(isPath)}
}

/** A name on each line; what follows # is for people. */
async function readList(path: string): Promise<string[]> {
  const content =
    path === '-' ? await text(process.stdin) : await readFile(path, 'utf8').catch(error => Promise.reject(noList(path, error)))
  return content
    .split('\n')
    .map(line => line.replace(/#.*/, '').trim())
    .filter(Boolean)
}

const noList = (path: string, error: NodeJS.ErrnoException) =>
  new XbuildError('unreadable', `${path} cannot be read (${error.code})`, {
    hint: 'name a file with the name of a source package on each line',
  })
