import {describeComparison} from '../core/bulk/archive-comparison.js'
import type {KnownReason} from '../core/bulk/log.js'
import {PHASES} from '../core/bulk/log.js'
import type {AttemptResult} from '../core/bulk/result.js'
import type {Attempt, PackageState} from '../core/bulk/state.js'
import {describeEnd} from '../core/bulk/summary.js'
import {escapeHtml, htmlPage} from '../core/html.js'
import {readableSize} from '../core/readable-size.js'
import {LOG_FILE} from './attempt-result.js'

/** Of phases, each its own color. */
const STYLE = `.phases { display: flex; height: 1.1rem; border-radius: 3px; overflow: hidden; max-width: 40rem } .phases > * { min-width: 1px }
.fetch { background: #94a3b8 } .unpack { background: #64748b } .look { background: #b794f6 } .twins { background: #ffa657 } .install { background: #4fd1c5 } .build { background: #6cb2ff }
.stubs { background: #f0abfc } .compare { background: #fcd34d }`

/** Programs that are told of. */
const MOST_PROGRAMS = 20

const round = (seconds: number) => `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`

/** What is known of a package, with each of its attempts. */
export function packagePage(one: PackageState, results: ReadonlyMap<number, AttemptResult>, reasons: readonly KnownReason[]): string {
  const {planned, judged, state, attempts} = one
  const {name, version} = planned
  const color = judged?.verdict ?? (state === 'judging' ? 'failed' : state)
  const verdict = judged ? `<b>${judged.verdict}</b>: ${escapeHtml(judged.why)}` : ''
  const body = `<p><a href="../index.html">all packages</a></p>
<h1>${escapeHtml(name)} <span class="faint">${escapeHtml(version)}</span></h1>
<p><span class="dot" style="background:var(--${color})"></span>${state} ${verdict}</p>
<p class="faint">needed by ${planned.dependents} source packages of the archive${planned.blocked === undefined ? '' : `; ${escapeHtml(planned.blocked)}`}</p>
${attempts.map(attempt => describeAttempt(name, attempt, results.get(attempt.number), reasons)).join('\n')}`
  return htmlPage({title: `${name} ${version}`, style: STYLE, body, files: 'beside'})
}

function describeAttempt(
  name: string,
  {number, way, end}: Attempt,
  result: AttemptResult | undefined,
  reasons: readonly KnownReason[],
): string {
  const took = end && end.seconds > 0 ? `, ${round(end.seconds)}` : ''
  const head = `<h2>Attempt ${number}, ${way}: ${escapeHtml(end ? describeEnd(end) : 'is going on')}${took}</h2>`
  if (!result) return head
  const place = `../attempts/${name}/${number}`
  const reason = end?.kind === 'failed' ? reasons.find(({id}) => id === end.reason) : undefined
  return `${head}
<p><a href="${place}/${LOG_FILE}">the log</a>, with ${result.jobs} jobs, in environment ${escapeHtml(result.environment)}</p>
${reason ? `<p>${escapeHtml(reason.reason)}. What helps: ${escapeHtml(reason.remedy)}</p>` : ''}
${result.twinsFailed === undefined ? '' : `<p>It was slower than it could be: ${escapeHtml(result.twinsFailed)}</p>`}
${phaseBars(result)}
${result.failedTests.length > 0 ? `<p>tests that failed:</p><ul>${result.failedTests.map(test => `<li>${escapeHtml(test)}</li>`).join('')}</ul>` : ''}
${firstError(result)}
${files(result, place)}
${archive(result)}
${verification(result)}
${ledger(result)}`
}

function phaseBars({phases}: AttemptResult): string {
  const entries = Object.entries(phases) as [keyof typeof PHASES, number][]
  const bars = entries.map(
    ([phase, seconds]) => `<span class="${phase}" style="flex:${seconds}" title="${PHASES[phase]}: ${round(seconds)}"></span>`,
  )
  const legend = entries.map(([phase, seconds]) => `<span><span class="dot ${phase}"></span>${PHASES[phase]} ${round(seconds)}</span>`)
  return entries.length === 0 ? '' : `<div class="phases">${bars.join('')}</div><div class="legend">${legend.join('')}</div>`
}

function firstError({error}: AttemptResult): string {
  if (!error) return ''
  const lines = error.lines.map((line, i) => (error.from + i === error.line ? `<mark>${escapeHtml(line)}</mark>` : escapeHtml(line)))
  return `<p>the first error, in line ${error.line}:</p><pre>${lines.join('\n')}</pre>`
}

const files = ({files}: AttemptResult, place: string) =>
  files.length === 0
    ? ''
    : `<ul>${files.map(({name, size}) => `<li><a href="${place}/${escapeHtml(name)}">${escapeHtml(name)}</a> <span class="faint">${readableSize(size)}</span></li>`).join('')}</ul>`

/** With the archive's own packages. */
const archive = ({archive}: AttemptResult) =>
  (archive ?? [])
    .map(one => {
      const {package: name, version, differences} = one
      const told = escapeHtml(describeComparison(one))
      const places = differences.map(({place, detail}) => `<li>${escapeHtml(`${place}: ${detail}`)}</li>`).join('')
      return `<p>${escapeHtml(name)} and the archive's ${escapeHtml(version)}: <b>${told}</b></p>${places === '' ? '' : `<ul>${places}</ul>`}`
    })
    .join('\n')

/** With the packages of the hybrid build. */
function verification({verification: found}: AttemptResult): string {
  if (!found) return ''
  const {verdict, causes, differences} = found
  const told = verdict === 'identical' ? 'identical' : verdict === 'explained' ? `identical but for ${causes.join(', ')}` : 'different'
  const places = differences.map(({place, detail}) => `<li>${escapeHtml(`${place}: ${detail}`)}</li>`).join('')
  return `<p>hybrid and emulated: <b>${escapeHtml(told)}</b></p>${places === '' ? '' : `<ul>${places}</ul>`}`
}

function ledger({ledger}: AttemptResult): string {
  if (!ledger || ledger.rows.length === 0) return ''
  const rows = ledger.rows
    .slice(0, MOST_PROGRAMS)
    .map(
      ({program, execs, time, why}) =>
        `<tr><td>${escapeHtml(program)}</td><td class="number">${round(time / 1000)}</td><td class="number">${execs}</td><td>${escapeHtml(why)}</td></tr>`,
    )
  const sum = `native ${round(ledger.native / 1000)}, emulated of the distribution ${round(ledger.emulated / 1000)}, the build's own ${round(ledger.own / 1000)}`
  return `<details><summary>what ran emulated: ${sum}</summary><div class="wide"><table><tr><th>program</th><th class="number">time</th><th class="number">execs</th><th>why</th></tr>${rows.join('\n')}</table></div></details>`
}
