import {type BenchMode, type BenchResult, describeLoad, isBusy, type ModeResult, type PackageResult} from '../core/bench.js'
import {escapeHtml, factsLine, htmlPage} from '../core/html.js'
import {machineLines, mebibytes, range, ratio, SHOWN_MODES, seconds} from './bench-table.js'

const COLORS: Record<BenchMode, string> = {emulated: '#c2562d', hybrid: '#2a7f62', cross: '#7a6bb0', native: '#6b7a8c'}

/** Beyond what all pages have. */
const STYLE = `.first td { border-top: 2px solid var(--line) } .package { margin: 1rem 0 .2rem }
.chart { display: grid; grid-template-columns: max-content 1fr max-content; gap: .2rem .6rem; align-items: center; font-size: .9rem }
.track { position: relative; height: 1rem } .track > * { position: absolute; inset: 0 auto 0 0; border-radius: 2px }
.track > .spread { inset: calc(50% - 1px) auto auto; height: 2px; background: currentColor }
@media (max-width: 44rem) { .optional { display: none } }
${Object.entries(COLORS)
  .map(([mode, color]) => `.${mode} { background: ${color} }`)
  .join('\n')}`

/** A bar for each mode of a package, as long as its time compared to the package's longest; with its spread as a line. */
function bars(pack: PackageResult): string {
  const measured = SHOWN_MODES.flatMap(mode => {
    const result = pack.modes[mode]
    return result?.kind === 'measured' ? [{mode, ...result.wallSeconds}] : []
  })
  const longest = measured.reduce((most, {max}) => Math.max(most, max), 0)
  const part = (value: number) => `${((value / longest) * 100).toFixed(2)}%`
  const rows = measured.map(({mode, median, min, max}) => {
    const times = mode === 'emulated' ? '' : ratio(pack.ratios[mode]?.overEmulated)
    const spread = `<span class="spread" style="left:${part(min)};width:${part(max - min)}"></span>`
    const bar = `<span class="track"><span class="${mode}" style="width:${part(median)}"></span>${spread}</span>`
    return `<span class="faint">${mode}</span>${bar}<span class="number">${seconds(median)} s${times === '' ? '' : `, ${times}×`}</span>`
  })
  return `<p class="package"><strong>${escapeHtml(pack.name)}</strong> <span class="faint">${escapeHtml(pack.kind)}</span></p>\n<div class="chart">${rows.join('\n')}</div>`
}

const isMeasured = (result: ModeResult) => result.kind === 'measured'

const chart = (packages: readonly PackageResult[]): string =>
  packages
    .filter(pack => Object.values(pack.modes).some(isMeasured))
    .map(bars)
    .join('\n')

const number = (text: string) => `<td class="number">${text}</td>`

function row(pack: PackageResult, mode: BenchMode, result: ModeResult, isFirst: boolean): string {
  const name = isFirst ? escapeHtml(`${pack.name} ${pack.version ?? ''}`.trim()) : ''
  const start = `<tr${isFirst ? ' class="first"' : ''}><td>${name}</td><td>${mode}</td>`
  if (result.kind === 'skipped') {
    const fix = result.fix ? ` (<code>${escapeHtml(result.fix)}</code>)` : ''
    return `${start}<td colspan="7" class="faint">skipped: ${escapeHtml(result.reason)}${fix}</td></tr>`
  }
  const {runs, wallSeconds, cpuSeconds, peakBytes} = result
  const ratios = pack.ratios[mode]
  return `${start}${[
    String(runs.length),
    seconds(wallSeconds.median),
    runs.length === 1 ? '' : range(wallSeconds),
    seconds(cpuSeconds.median),
    mebibytes(peakBytes.median),
    ratio(ratios?.overEmulated),
    ratio(ratios?.againstNative),
  ]
    .map((text, i) => `<td class="${classOf(i)}">${text}</td>`)
    .join('')}</tr>`
}

const rows = (pack: PackageResult) =>
  SHOWN_MODES.flatMap(mode => {
    const result = pack.modes[mode]
    return result ? [{mode, result}] : []
  }).map(({mode, result}, i) => row(pack, mode, result, i === 0))

function ratioTable(result: BenchResult): string {
  const means = SHOWN_MODES.flatMap(mode => {
    const mean = result.means[mode]
    if (!mean || mode === 'emulated') return []
    const what = escapeHtml(
      result.packages.length > 1 ? `geometric mean of ${result.packages.length} packages` : (result.packages[0]?.name ?? ''),
    )
    return [`<tr><td>${mode}, ${what}</td>${number(ratio(mean.overEmulated))}${number(ratio(mean.againstNative))}</tr>`]
  })
  const published = result.published.map(
    ({who, overEmulated = '', againstNative = ''}) =>
      `<tr><td class="faint">${escapeHtml(who)}</td>${number(escapeHtml(overEmulated))}${number(escapeHtml(againstNative))}</tr>`,
  )
  return `<table><tr><th></th><th class="number">× emulated</th><th class="number">× native</th></tr>\n${[...means, ...published].join('\n')}\n</table>`
}

const COLUMNS = ['runs', 'seconds', 'min to max', 'CPU seconds', 'peak MiB', '× emulated', '× native']
/** Left out where the page is narrow. */
const OPTIONAL = ['runs', 'min to max', 'CPU seconds', 'peak MiB']

const classOf = (column: number) => (OPTIONAL.includes(COLUMNS[column] ?? '') ? 'number optional' : 'number')

/** One file that needs no other, and no network. */
export function benchHtml(result: BenchResult): string {
  const title = `${result.environment.name}: the same builds in each mode`
  const {date, commit, version, machine} = result
  const body = `<h1>${escapeHtml(title)}</h1>
${factsLine({date, commit, version})}
<p class="faint"><code>${escapeHtml(result.command)}</code></p>
${isBusy(machine) ? `<p class="warning">${escapeHtml(describeLoad(machine))}</p>` : ''}
${chart(result.packages)}
<p class="faint">Wall time, median; the line is the spread. Each package has a scale of its own. ×: how many times as fast as all emulated.</p>
<h2>Ratios</h2>
${ratioTable(result)}
<p class="faint">× emulated: how many times as fast as all emulated. × native: how many times as long as a native build. The rows in grey are what others published of hybrid builds.</p>
<h2>All figures</h2>
<div class="wide"><table><tr><th>package</th><th>mode</th>${COLUMNS.map((name, i) => `<th class="${classOf(i)}">${name}</th>`).join('')}</tr>
${result.packages.flatMap(rows).join('\n')}
</table></div>
<p class="faint">CPU: user and system time of all processes. Peak: resident memory of the largest one.</p>
<h2>Builds</h2>
<table>${result.packages.map(({name, build}) => `<tr><td>${escapeHtml(name)}</td><td><code>${escapeHtml(build)}</code></td></tr>`).join('\n')}</table>
<h2>Machine</h2>
<ul>${machineLines(result)
    .map(line => `<li>${escapeHtml(line)}</li>`)
    .join('\n')}</ul>`
  return htmlPage({title, style: STYLE, body, files: 'alone'})
}
