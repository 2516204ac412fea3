import type {BenchMode, BenchResult, ModeResult, PackageResult} from '../core/bench.js'
import {escapeHtml} from '../core/html.js'
import {machineLines, mebibytes, range, ratio, SHOWN_MODES, seconds} from './bench-table.js'

const COLORS: Record<BenchMode, string> = {emulated: '#c2562d', hybrid: '#2a7f62', cross: '#7a6bb0', native: '#6b7a8c'}

/** Of all pages. Light or dark as the reader's system has it. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c2126, #e3e7ea); --faint: light-dark(#5d6872, #97a3ad); --line: light-dark(#d5dade, #3a4249); --paper: light-dark(#fff, #15191c) }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2.5rem }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line) }
th { color: var(--faint); font-weight: 600 } .number { text-align: right; font-variant-numeric: tabular-nums }
.first td { border-top: 2px solid var(--line) } .faint { color: var(--faint) }
svg { width: 100%; height: auto } svg text { font: 13px system-ui, sans-serif; fill: var(--ink) } svg .faint { fill: var(--faint) }
code { font-size: .85rem; overflow-wrap: anywhere }`

const STYLE = `${PAGE_STYLE}
${Object.entries(COLORS)
  .map(([mode, color]) => `.${mode} { fill: ${color} }`)
  .join('\n')}`

/** Pixels of the chart's own grid. */
const CHART = {width: 900, label: 80, value: 130, bar: 16, gap: 22, title: 24}

/** A bar for each mode of a package, as long as its time compared to the package's longest; with its spread as a line. */
function bars(pack: PackageResult, top: number): string {
  const measured = SHOWN_MODES.flatMap(mode => {
    const result = pack.modes[mode]
    return result?.kind === 'measured' ? [{mode, ...result.wallSeconds}] : []
  })
  const longest = measured.reduce((most, {max}) => Math.max(most, max), 0)
  const room = CHART.width - CHART.label - CHART.value
  const x = (value: number) => (CHART.label + (value / longest) * room).toFixed(1)
  const rows = measured.map(({mode, median, min, max}, i) => {
    const y = top + CHART.title + i * (CHART.bar + 4)
    const middle = y + CHART.bar / 2
    const times = ratio(pack.ratios[mode]?.overEmulated)
    return `<text class="faint" x="${CHART.label - 8}" y="${middle + 4}" text-anchor="end">${mode}</text>
<rect class="${mode}" x="${CHART.label}" y="${y}" width="${(Number(x(median)) - CHART.label).toFixed(1)}" height="${CHART.bar}" rx="2"/>
<line x1="${x(min)}" y1="${middle}" x2="${x(max)}" y2="${middle}" stroke="currentColor"/>
<text x="${Number(x(max)) + 6}" y="${middle + 4}">${seconds(median)} s${times && mode !== 'emulated' ? `, ${times}×` : ''}</text>`
  })
  return `<text x="0" y="${top + 14}"><tspan font-weight="600">${escapeHtml(pack.name)}</tspan> <tspan class="faint">${escapeHtml(pack.kind)}</tspan></text>\n${rows.join('\n')}`
}

const heightOf = (pack: PackageResult) => CHART.title + CHART.gap + Object.values(pack.modes).filter(isMeasured).length * (CHART.bar + 4)

const isMeasured = (result: ModeResult) => result.kind === 'measured'

function chart(packages: readonly PackageResult[]): string {
  const shown = packages.filter(pack => Object.values(pack.modes).some(isMeasured))
  let top = 0
  const parts = shown.map(pack => {
    const part = bars(pack, top)
    top += heightOf(pack)
    return part
  })
  return `<svg viewBox="0 0 ${CHART.width} ${top}" role="img" aria-label="Wall time of each mode">\n${parts.join('\n')}\n</svg>`
}

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
    .map(number)
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

/** One file that needs no other, and no network. */
export function benchHtml(result: BenchResult): string {
  const title = `${result.environment.name}: the same builds in each mode`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style></head><body>
<h1>${escapeHtml(title)}</h1>
<p class="faint">${escapeHtml(result.date)}, <code>${escapeHtml(result.command)}</code></p>
${chart(result.packages)}
<p class="faint">Wall time, median; the line is the spread. Each package has a scale of its own. ×: how many times as fast as all emulated.</p>
<h2>Ratios</h2>
${ratioTable(result)}
<p class="faint">× emulated: how many times as fast as all emulated. × native: how many times as long as a native build. The rows in grey are what others published of hybrid builds.</p>
<h2>All figures</h2>
<table><tr><th>package</th><th>mode</th>${COLUMNS.map(name => `<th class="number">${name}</th>`).join('')}</tr>
${result.packages.flatMap(rows).join('\n')}
</table>
<p class="faint">CPU: user and system time of all processes. Peak: resident memory of the largest one.</p>
<h2>Builds</h2>
<table>${result.packages.map(({name, build}) => `<tr><td>${escapeHtml(name)}</td><td><code>${escapeHtml(build)}</code></td></tr>`).join('\n')}</table>
<h2>Machine</h2>
<ul>${machineLines(result)
    .map(line => `<li>${escapeHtml(line)}</li>`)
    .join('\n')}</ul>
</body></html>
`
}
