import {escapeHtml, escapeJson, factsLine, htmlPage} from '../core/html.js'
import {withAdvice} from '../core/trace/advice.js'
import type {TraceHeader} from '../core/trace/format.js'
import {describeReason, type Ledger, type LedgerRow, originOf, type Suggestion, type Sum} from '../core/trace/ledger.js'
import type {Span, Spans} from '../core/trace/spans.js'
import {assignLanes} from './trace-lanes.js'
import {PAGE_SCRIPT} from './trace-page-script.js'
import {TRACE_PAGE_STYLE} from './trace-page-style.js'
import {describeEmulated, describeSuggestion, describeTime, reportTrace} from './trace-report.js'

/** How programs ran: the order of the legend, and of PAGE_SCRIPT's lines below them. */
const GROUPS = ['native', 'emulated, of the distribution', "emulated, the build's own"] as const

const groupOf = ({outcome, program}: Span) => (outcome.kind === 'routed' ? 0 : originOf(program) === 'distribution' ? 1 : 2)

/** Programs that have a colour of their own in the timeline: the costliest. As many as PAGE_SCRIPT has colours. */
const COLOURED = 11

/** Whole microseconds, so that ten thousand spans are a small file. */
const micro = (ms: number) => Math.round(ms * 1000)

/** What the timeline is drawn from; PAGE_SCRIPT reads the same order. */
function timelineData({spans, end}: Spans, {rows}: Ledger) {
  const programs = [...new Set(spans.map(span => span.program))]
  const indexes = new Map(programs.map((program, i) => [program, i]))
  const lanes = assignLanes(spans)
  return {
    end: micro(end),
    lanes: lanes.reduce((most, lane) => Math.max(most, lane + 1), 0),
    programs,
    /** Indexes of programs, the costliest first: each has a colour. */
    coloured: rows.slice(0, COLOURED).map(({program}) => indexes.get(program)),
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

/** `optional`: left out where the page is narrow. */
const COLUMNS: readonly {name: string; kind: 'text' | 'number'; optional?: true}[] = [
  {name: 'program', kind: 'text'},
  {name: 'native execs', kind: 'number', optional: true},
  {name: 'native time', kind: 'number'},
  {name: 'emulated execs', kind: 'number', optional: true},
  {name: 'emulated time', kind: 'number'},
  {name: 'a twin would save', kind: 'number', optional: true},
  {name: 'why emulated', kind: 'text'},
]

const classOf = ({kind, optional}: (typeof COLUMNS)[number]) => (optional ? `${kind} optional` : kind)

const tableHead = () =>
  COLUMNS.map(
    (column, i) => `<th class="${classOf(column)}" scope="col"><button type="button" data-column="${i}">${column.name}</button></th>`,
  ).join('')

/** A cell's value by which it is sorted, and what it shows. */
type Cell = readonly [sort: string | number, html: string]

const tableCells = (cells: readonly Cell[]) =>
  cells
    .map(([sort, html], i) => {
      const column = COLUMNS[i]
      return `<td class="${column ? classOf(column) : ''}" data-sort="${escapeHtml(String(sort))}">${html}</td>`
    })
    .join('')

const sumCells = ({execs, time}: Sum): Cell[] => [
  [execs, execs === 0 ? '' : String(execs)],
  [time, execs === 0 ? '' : describeTime(time)],
]

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
  const cells: Cell[] = [
    [row.program, details(row)],
    ...sumCells(row.native),
    ...sumCells(row.emulated),
    [suggestion?.saving ?? 0, suggestion ? `about ${describeTime(suggestion.saving)}` : ''],
    [describeEmulated(row), reasons(row)],
  ]
  return `<tr>${tableCells(cells)}</tr>`
}

function ledgerTable({rows, suggestions}: Ledger): string {
  const byProgram = new Map(suggestions.map(suggestion => [suggestion.program, suggestion]))
  const body = rows.map(row => tableRow(row, byProgram.get(row.program))).join('\n')
  return `<table><thead><tr>${tableHead()}</tr></thead><tbody>\n${body}\n</tbody></table>`
}

const NEXT = 5

const facts = ({started, commit, version = 'of an older version', environment, mode, command}: TraceHeader) =>
  factsLine({date: started, commit, version}, environment, mode, command.join(' ') || 'the shell')

/** `--html`: one file that needs nothing else, neither network nor fonts. */
export function tracePage(header: TraceHeader, ledger: Ledger, built: Spans): string {
  const [, headline = '', ...others] = reportTrace(header, ledger).facts
  const next = withAdvice(ledger.suggestions, header.environment).slice(0, NEXT).map(describeSuggestion)
  const groups = GROUPS.map((name, group) => `<span><span class="line group-${group}"></span>${escapeHtml(name)}</span>`).join('')
  const body = `<h1>${escapeHtml(headline)}</h1>
${facts(header)}
${list(others)}
${next.length > 0 ? `<h2>To route next</h2>${list(next)}` : ''}
<h2>Timeline</h2>
<div class="legend" id="programs"></div>
<div class="legend faint"><span>the line below each:</span>${groups}</div>
<p class="zoom"><button type="button" id="in">zoom in</button> <button type="button" id="out">zoom out</button> <button type="button" id="all">all</button></p>
<div id="frame"><canvas id="timeline" tabindex="0" aria-label="Timeline of all programs; the table below has the same in numbers"></canvas></div>
<p id="about">One line a process, below the one that started it. Wheel: zoom. Drag, or the arrow keys: move.</p>
<h2>Ledger</h2>
<p>A program's time is that in which none of the programs that it started ran. Programs that ran side by side count each.</p>
${ledgerTable(ledger)}
<script type="application/json" id="data">${escapeJson(timelineData(built, ledger))}</script>
<script>${PAGE_SCRIPT}</script>`
  return htmlPage({title: `Trace of ${header.environment}`, style: TRACE_PAGE_STYLE, body, files: 'alone'})
}
