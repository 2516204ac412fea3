import type {TraceHeader} from '../core/trace/format.js'
import {describeReason, type Ledger, type LedgerRow, originOf, type Suggestion, type Sum} from '../core/trace/ledger.js'
import type {Span, Spans} from '../core/trace/spans.js'
import {assignLanes} from './trace-lanes.js'
import {PAGE_SCRIPT} from './trace-page-script.js'
import {PAGE_STYLE} from './trace-page-style.js'
import {describeEmulated, describeSuggestion, describeTime, reportTrace} from './trace-report.js'

/** Names of programs come from builds: nothing that is in a trace may mean anything to a browser. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, character => `&#${character.codePointAt(0)};`)

/** JSON inside a script element, which ends at the first `</script`, wherever that stands. */
const escapeJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

/** How spans are coloured: the order of the legend, and of PAGE_SCRIPT's colours. */
const GROUPS = ['native', 'emulated, of the distribution', "emulated, the build's own"] as const

const groupOf = ({outcome, program}: Span) => (outcome.kind === 'routed' ? 0 : originOf(program) === 'distribution' ? 1 : 2)

/** Whole microseconds, so that ten thousand spans are a small file. */
const micro = (ms: number) => Math.round(ms * 1000)

/** What the timeline is drawn from; PAGE_SCRIPT reads the same order. */
function timelineData({spans, end}: Spans) {
  const programs = [...new Set(spans.map(span => span.program))]
  const indexes = new Map(programs.map((program, i) => [program, i]))
  const lanes = assignLanes(spans)
  return {
    end: micro(end),
    lanes: lanes.reduce((most, lane) => Math.max(most, lane + 1), 0),
    programs,
    /** start, duration, own time, lane, group, program, pid, arguments */
    spans: spans.map((span, i) => [
      micro(span.start),
      micro(span.end - span.start),
      micro(span.own),
      lanes[i],
      groupOf(span),
      indexes.get(span.program),
      span.pid,
      span.arguments.slice(1).join(' '),
    ]),
  }
}

const COLUMNS: readonly {name: string; kind: 'text' | 'number'}[] = [
  {name: 'program', kind: 'text'},
  {name: 'native execs', kind: 'number'},
  {name: 'native time', kind: 'number'},
  {name: 'emulated execs', kind: 'number'},
  {name: 'emulated time', kind: 'number'},
  {name: 'a twin would save', kind: 'number'},
  {name: 'why emulated', kind: 'text'},
]

const tableHead = () =>
  COLUMNS.map(({name, kind}, i) => `<th class="${kind}" scope="col"><button type="button" data-column="${i}">${name}</button></th>`).join(
    '',
  )

const cell = (kind: 'text' | 'number', sort: string | number, html: string) =>
  `<td class="${kind}" data-sort="${escapeHtml(String(sort))}">${html}</td>`

const sumCells = ({execs, time}: Sum) =>
  cell('number', execs, execs === 0 ? '' : String(execs)) + cell('number', time, execs === 0 ? '' : describeTime(time))

const list = (items: readonly string[]) => `<ul>${items.map(item => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`

/** An interpreter's scripts are folded away. */
function details(row: LedgerRow): string {
  const name = `<code>${escapeHtml(row.program)}</code>`
  const scripts = row.scripts.map(({script, execs, time}) => `${script}: ${execs} times, ${describeTime(time)}`)
  return scripts.length === 0 ? name : `<details><summary>${name}</summary>${list(scripts)}</details>`
}

/** Several reasons, one below the other. */
function reasons(row: LedgerRow): string {
  if (row.reasons.length < 2 || row.origin === 'own' || row.routing === 'never') return escapeHtml(describeEmulated(row))
  return row.reasons.map(({outcome, execs}) => escapeHtml(`${describeReason(outcome)} (${execs})`)).join('<br>')
}

function tableRow(row: LedgerRow, suggestion: Suggestion | undefined): string {
  const cells = [
    cell('text', row.program, details(row)),
    sumCells(row.native),
    sumCells(row.emulated),
    cell('number', suggestion?.saving ?? 0, suggestion ? `about ${describeTime(suggestion.saving)}` : ''),
    cell('text', describeEmulated(row), reasons(row)),
  ]
  return `<tr>${cells.join('')}</tr>`
}

function ledgerTable({rows, suggestions}: Ledger): string {
  const byProgram = new Map(suggestions.map(suggestion => [suggestion.program, suggestion]))
  const body = rows.map(row => tableRow(row, byProgram.get(row.program))).join('\n')
  return `<table><thead><tr>${tableHead()}</tr></thead><tbody>\n${body}\n</tbody></table>`
}

const NEXT = 5

/** `--html`: one file that needs nothing else, neither network nor fonts. */
export function tracePage(header: TraceHeader, ledger: Ledger, built: Spans): string {
  const [title = '', headline = '', ...facts] = reportTrace(header, ledger).facts
  const next = ledger.suggestions.slice(0, NEXT).map(describeSuggestion)
  const legend = GROUPS.map((name, group) => `<span class="key group-${group}">${escapeHtml(name)}</span>`).join(' ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeHtml(`Trace of ${header.environment}`)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(headline)}</h1><p>${escapeHtml(title)}</p>${list(facts)}</header>
${next.length > 0 ? `<section><h2>To route next</h2>${list(next)}</section>` : ''}
<section>
<h2>Timeline</h2>
<p>${legend} <span class="zoom"><button type="button" id="in">zoom in</button> <button type="button" id="out">zoom out</button> <button type="button" id="all">all</button></span></p>
<div id="frame"><canvas id="timeline" tabindex="0" aria-label="Timeline of all programs; the table below has the same in numbers"></canvas></div>
<p id="about">One line a process, below the one that started it. Wheel: zoom. Drag, or the arrow keys: move.</p>
</section>
<section>
<h2>Ledger</h2>
<p>A program's time is that in which none of the programs that it started ran. Programs that ran side by side count each.</p>
${ledgerTable(ledger)}
</section>
<script type="application/json" id="data">${escapeJson(timelineData(built))}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`
}
