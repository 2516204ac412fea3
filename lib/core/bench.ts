import {XbuildError} from './errors.js'

/**
 * The four ways of doing the same build, in the order of one round. `native` builds for the host itself; `cross` is the
 * classic cross build, outside of any environment.
 */
export const BENCH_MODES = ['native', 'hybrid', 'cross', 'emulated'] as const
export type BenchMode = (typeof BENCH_MODES)[number]

/** What one build used. */
export interface Usage {
  wallSeconds: number
  /** User and system time of all its processes. */
  cpuSeconds: number
  /** Resident memory of its largest process. */
  peakBytes: number
}

export interface Spread {
  median: number
  min: number
  max: number
}

export type Measured = {kind: 'measured'; runs: readonly Usage[]} & Record<keyof Usage, Spread>

/** Why a mode was not measured, and what would change that, where something does. */
export interface Skipped {
  kind: 'skipped'
  reason: string
  fix?: string
}

export type ModeResult = Measured | Skipped

/** Wall times compared: how many times as fast as all emulated, and how many times as long as a native build. */
export interface Ratios {
  overEmulated?: number
  againstNative?: number
}

export interface PackageResult {
  name: string
  version?: string
  /** What it stands for. */
  kind: string
  build: string
  /** Only those that were asked for. */
  modes: Partial<Record<BenchMode, ModeResult>>
  ratios: Partial<Record<BenchMode, Ratios>>
}

/** The machine that it was measured on. */
export interface Machine {
  cpu: string
  cores: number
  memoryBytes: number
  kernel: string
  distribution: string
  /** Of the minute before, in runnable processes: what the machine did besides. man 5 proc_loadavg */
  load: number
}

/** Whether the machine did so much besides that wall times are worth little: from the load before, on half of its cores. */
export const isBusy = ({load, cores}: Machine) => load > cores / 2

/** For people. */
export const describeLoad = ({load, cores}: Machine) =>
  `this machine was busy (load ${load.toFixed(1)} on ${cores} cores): wall times are worth little, CPU times more`

/** All that a report shows. */
export interface BenchResult {
  /** As new Date().toISOString(), when it was done */
  date: string
  /** Of xbuild-env. */
  version: string
  /** Of the tree that was built, where it is a checkout. */
  commit?: string
  /** As it could be typed again. */
  command: string
  environment: {name: string; profile: string; suite: string; triple: string}
  machine: Machine
  /** Versions of what the times depend on: compilers, binutils, emulator. */
  programs: Readonly<Record<string, string>>
  packages: readonly PackageResult[]
  means: PackageResult['ratios']
  published: readonly Published[]
}

const middle = (sorted: readonly number[], index: number) => sorted[index] ?? Number.NaN

/** Of at least one value: the middle one, or the mean of the two in the middle; with the extremes. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const last = sorted.length - 1
  const median = (middle(sorted, Math.floor(last / 2)) + middle(sorted, Math.ceil(last / 2))) / 2
  return {median, min: middle(sorted, 0), max: middle(sorted, last)}
}

export function summarize(runs: readonly Usage[]): Measured {
  return {
    kind: 'measured',
    runs,
    wallSeconds: spread(runs.map(run => run.wallSeconds)),
    cpuSeconds: spread(runs.map(run => run.cpuSeconds)),
    peakBytes: spread(runs.map(run => run.peakBytes)),
  }
}

/** How often each mode is to be measured; without `emulatedRuns`, a long emulated build is measured once. */
export interface Repeats {
  runs: number
  emulatedRuns: number | undefined
}

/** An emulated build that takes longer is not repeated, unless that is asked for: seconds. */
export const LONG_RUN = 60

export function isEnough(mode: BenchMode, taken: readonly Usage[], repeats: Repeats): boolean {
  if (mode !== 'emulated') return taken.length >= repeats.runs
  if (repeats.emulatedRuns !== undefined) return taken.length >= repeats.emulatedRuns
  return taken.length >= repeats.runs || taken.some(run => run.wallSeconds > LONG_RUN)
}

const wallOf = (result: ModeResult | undefined) => (result?.kind === 'measured' ? result.wallSeconds.median : undefined)

/** Of the medians of a package's modes. */
export function ratiosOf(modes: PackageResult['modes']): PackageResult['ratios'] {
  const emulated = wallOf(modes.emulated)
  const native = wallOf(modes.native)
  return Object.fromEntries(
    BENCH_MODES.flatMap(mode => {
      const wall = wallOf(modes[mode])
      if (wall === undefined) return []
      return [
        [
          mode,
          {
            ...(emulated === undefined ? {} : {overEmulated: emulated / wall}),
            ...(native === undefined ? {} : {againstNative: wall / native}),
          },
        ],
      ]
    }),
  )
}

/** The mean for ratios: it does not matter which of the two is the base. Undefined where there is nothing. */
export function geometricMean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

/** Of each mode's ratios, over the packages that have them. */
export function meanRatios(packages: readonly Pick<PackageResult, 'ratios'>[]): PackageResult['ratios'] {
  const mean = (mode: BenchMode, ratio: keyof Ratios) => geometricMean(packages.flatMap(({ratios}) => ratios[mode]?.[ratio] ?? []))
  return Object.fromEntries(
    BENCH_MODES.flatMap(mode => {
      const overEmulated = mean(mode, 'overEmulated')
      const againstNative = mean(mode, 'againstNative')
      const ratios: Ratios = {...(overEmulated ? {overEmulated} : {}), ...(againstNative ? {againstNative} : {})}
      return Object.keys(ratios).length === 0 ? [] : [[mode, ratios]]
    }),
  )
}

/** What others measured of the same idea: as text, since most gave a range. */
export interface Published {
  who: string
  overEmulated?: string
  againstNative?: string
}

export const PUBLISHED: readonly Published[] = [
  {who: 'Stacey Son, "Cross Building Packages", BSDCan 2013', overEmulated: '5.15', againstNative: '2 to 4'},
  {who: 'openSUSE ARM, 2009 (rpm; glibc)', overEmulated: '6.3; 8.0', againstNative: '1.9 to 2.1'},
  {who: 'Scratchbox 2', againstNative: '3.4'},
]

/** A list of modes, separated by commas; all four where none is given. */
export function parseBenchModes(text: string | undefined): BenchMode[] {
  if (text === undefined) return [...BENCH_MODES]
  const names = text.split(',').filter(Boolean)
  const odd = names.find(name => !BENCH_MODES.includes(name as BenchMode))
  if (odd !== undefined || names.length === 0) {
    throw new XbuildError('usage', `--modes ${text}: there is no mode "${odd ?? ''}"`, {hint: `some of ${BENCH_MODES.join(',')}`})
  }
  return BENCH_MODES.filter(mode => names.includes(mode))
}

/** A whole number from 1 on. */
export function parseRuns(option: string, text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new XbuildError('usage', `${option} ${text}: that is not a number of runs`, {hint: 'a whole number from 1 on'})
}
