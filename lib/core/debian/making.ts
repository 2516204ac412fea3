import {describeShare, inUnits} from '../bytes.js'
import {afterLine as afterDownloadLine, type Downloaded} from './apt-progress.js'

/** How far the making of a root, a twin set or an environment has come, read from what its makers print. */
export interface Making {
  /** What is being done, for people. */
  phase: string
  downloaded: Downloaded
  /** Of the packages that apt-get installs: how many are set up. */
  packages: Downloaded
}

const NOTHING: Downloaded = {got: 0, all: 0}

export const BEGINNING: Making = {phase: 'beginning', downloaded: NOTHING, packages: NOTHING}

const DOWNLOADING = 'downloading'
const READING_INDEX = "reading the archive's index"

/** apt-get says it in each call, also long after the index has been fetched: it tells only of a first one. */
const READING = /^Reading package lists/

/** What makers do, by how mmdebstrap, apt-get and `fillTwins` begin to tell of it; all else that they print is for --verbose. */
const PHASES: readonly [line: RegExp, phase: string][] = [
  [/^I: running apt-get update/, READING_INDEX],
  [/^(I: downloading packages|downloading twins|Need to get )/, DOWNLOADING],
  [/^I: extracting archives/, 'unpacking'],
  [/^unpacking the other twins/, 'adapting'],
  [/^I: installing essential packages/, 'installing the essential packages'],
  [/^I: installing remaining packages/, 'installing the other packages'],
  [/^(Selecting previously unselected|Preparing to unpack) /, 'unpacking'],
  [/^Setting up /, 'setting up'],
  [/^Processing triggers /, 'running triggers'],
  [/^I: cleaning/, 'cleaning up'],
]

/** `2 upgraded, 60 newly installed, 0 to remove and 0 not upgraded.` man 8 apt-get */
const COUNTS = /^(\d+) upgraded, (\d+) newly installed,/

/** After another line. */
export function afterLine(before: Making, line: string): Making {
  const [, upgraded, installed] = COUNTS.exec(line) ?? []
  const counted = installed === undefined ? before.packages : {got: 0, all: Number(upgraded) + Number(installed)}
  return {
    phase: phaseAfter(before.phase, line),
    downloaded: afterDownloadLine(before.downloaded, line),
    packages: /^Setting up /.test(line) ? {...counted, got: Math.min(counted.all, counted.got + 1)} : counted,
  }
}

function phaseAfter(before: string, line: string): string {
  if (before === BEGINNING.phase && READING.test(line)) return READING_INDEX
  return PHASES.find(([begins]) => begins.test(line))?.[1] ?? before
}

/** apt tells sizes in three digits: what comes so near to all of them is all. */
const NEARLY_ALL = 0.98

/** `downloading, 12 of 48 MB (25 %)` */
export function describeMaking({phase, downloaded, packages}: Making): string {
  const {got, all} = downloaded
  if (all > 0 && got < NEARLY_ALL * all) return `${phase}, ${describeShare(got, all)}`
  if (phase === DOWNLOADING && all > 0) return `downloaded ${inUnits(all)}`
  return packages.got > 0 ? `${phase}, ${packages.got} of ${packages.all} packages` : phase
}
