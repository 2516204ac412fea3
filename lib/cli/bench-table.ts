import {
  type BenchMode,
  type BenchResult,
  describeLoad,
  isBusy,
  type Measured,
  type PackageResult,
  type Ratios,
  type Spread,
} from '../core/bench.js'
import {table} from './output.js'

/** In tables the slowest comes first. */
export const SHOWN_MODES: readonly BenchMode[] = ['emulated', 'hybrid', 'cross', 'native']

/** Three digits are as many as a measurement has. */
export const seconds = (value: number) => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)
export const ratio = (value: number | undefined) => (value === undefined ? '' : value.toFixed(value < 10 ? 2 : 1))
export const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0)
export const range = ({min, max}: Spread) => `${seconds(min)} to ${seconds(max)}`

const cellsOf = (measured: Measured, ratios: Ratios | undefined) => [
  seconds(measured.wallSeconds.median),
  measured.runs.length === 1 ? 'one run' : range(measured.wallSeconds),
  seconds(measured.cpuSeconds.median),
  mebibytes(measured.peakBytes.median),
  ratio(ratios?.overEmulated),
  ratio(ratios?.againstNative),
]

const rowsOf = ({name, modes, ratios}: PackageResult) =>
  SHOWN_MODES.flatMap(mode => {
    const result = modes[mode]
    return result?.kind === 'measured' ? [[name, mode, String(result.runs.length), ...cellsOf(result, ratios[mode])]] : []
  })

const skippedOf = ({name, modes}: PackageResult) =>
  SHOWN_MODES.flatMap(mode => {
    const result = modes[mode]
    return result?.kind === 'skipped' ? [`${name}, ${mode}: skipped, ${result.reason}${result.fix ? ` (${result.fix})` : ''}`] : []
  })

/** Skipped modes of all packages, a line each. */
export const skippedLines = (packages: readonly PackageResult[]) => packages.flatMap(skippedOf)

/** For people at a terminal: a row for each package and mode, then the means, what others published, and the machine. */
export function benchText(result: BenchResult): string {
  const header = ['PACKAGE', 'MODE', 'RUNS', 'SECONDS', 'MIN TO MAX', 'CPU S', 'PEAK MIB', 'X EMULATED', 'X NATIVE']
  const means = SHOWN_MODES.flatMap(mode => {
    const mean = result.means[mode]
    return mean ? [['mean', mode, '', '', '', '', '', ratio(mean.overEmulated), ratio(mean.againstNative)]] : []
  })
  const published = result.published.map(({who, overEmulated = '', againstNative = ''}) => [who, overEmulated, againstNative])
  const skipped = skippedLines(result.packages)
  return [
    ...(isBusy(result.machine) ? [describeLoad(result.machine), ''] : []),
    table([header, ...result.packages.flatMap(rowsOf), ...(result.packages.length > 1 ? means : [])]),
    ...(skipped.length > 0 ? ['', ...skipped] : []),
    '',
    'X EMULATED: how many times as fast as all emulated; X NATIVE: how many times as long as a native build.',
    'Medians; CPU S is user and system time, PEAK MIB the largest process. The mean is the geometric one.',
    '',
    table([['PUBLISHED, HYBRID', 'X EMULATED', 'X NATIVE'], ...published]),
    '',
    ...machineLines(result),
  ].join('\n')
}

/** What the times depend on. */
export function machineLines({machine, environment, programs}: BenchResult): string[] {
  return [
    `${machine.cores} cores of ${machine.cpu}, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, Linux ${machine.kernel}, ${machine.distribution}; load ${machine.load.toFixed(2)} at the start`,
    `environment ${environment.name}: ${environment.profile}, ${environment.suite}`,
    ...Object.entries(programs).map(([name, version]) => `${name}: ${version}`),
  ]
}

/** For a README: a row for each package. */
export function benchMarkdown(result: BenchResult): string {
  const modes = SHOWN_MODES.filter(mode => result.packages.some(pack => pack.modes[mode]?.kind === 'measured'))
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const wall = (pack: PackageResult, mode: BenchMode) => {
    const measured = pack.modes[mode]
    return measured?.kind === 'measured' ? seconds(measured.wallSeconds.median) : '–'
  }
  const ratios = (of: PackageResult['ratios']) => [ratio(of.hybrid?.overEmulated) || '–', ratio(of.hybrid?.againstNative) || '–']
  return [
    line(['package', 'what it is', ...modes.map(mode => `${mode}, s`), 'emulated ÷ hybrid', 'hybrid ÷ native']),
    line(['---', '---', ...modes.map(() => '---:'), '---:', '---:']),
    ...result.packages.map(pack =>
      line([
        [pack.name, pack.version ?? ''].join(' ').trim(),
        pack.kind.replaceAll('|', '\\|'),
        ...modes.map(mode => wall(pack, mode)),
        ...ratios(pack.ratios),
      ]),
    ),
    line(['geometric mean', '', ...modes.map(() => ''), ...ratios(result.means)]),
    ...result.published.map(({who, overEmulated, againstNative}) =>
      line([who, '', ...modes.map(() => ''), overEmulated ?? '–', againstNative ?? '–']),
    ),
  ].join('\n')
}
