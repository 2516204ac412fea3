import {escapeHtml} from '../core/html.js'
import type {TargetResult} from '../core/project/build-result.js'
import {type MatrixRow, passedEverywhere, testMatrix} from '../core/project/test-matrix.js'
import {type TestOutcome, testName} from '../core/project/tests.js'

/** Rows of tests that passed everywhere; failures are all shown. */
const MOST_PASSED = 2000

const SIGNS: Readonly<Record<TestOutcome, string>> = {passed: '✓', failed: '✗', flaky: '↻', skipped: '–', 'expected-failure': '(✗)'}

/** Where a page tells of a thing: nothing of a name means anything in an address. */
export const anchor = (...names: readonly string[]) => names.map(name => encodeURIComponent(name).replaceAll("'", '%27')).join('/')

/** Tests × targets: what failed anywhere in sight, what passed everywhere folded away. Empty where there are no tests. */
export function matrixSection(results: readonly TargetResult[]): string {
  const rows = testMatrix(results)
  if (rows.length === 0) return ''
  const targets = results.map(({target}) => target)
  const [passed, others] = [rows.filter(passedEverywhere), rows.filter(row => !passedEverywhere(row))]
  const left = passed.length > MOST_PASSED ? `<p>and ${passed.length - MOST_PASSED} more</p>` : ''
  const all = `${others.length > 0 ? `${passed.length} others passed` : `all ${passed.length} passed`} wherever they ran`
  return `<h2>Tests</h2>
${others.length > 0 ? table(targets, others) : ''}
${passed.length > 0 ? `<details${others.length === 0 && passed.length <= FEW ? ' open' : ''}><summary>${all}</summary>${table(targets, passed.slice(0, MOST_PASSED))}${left}</details>` : ''}`
}

/** As many tests as are seen without being asked for. */
const FEW = 30

function table(targets: readonly string[], rows: readonly MatrixRow[]): string {
  const steps = new Set(rows.map(({step}) => step))
  const heads = targets.map(target => `<th class="target" scope="col"><span>${escapeHtml(target)}</span></th>`).join('')
  return `<div class="wide"><table class="matrix"><tr><th></th>${heads}</tr>
${rows.map(row => tableRow(targets, row, steps.size > 1)).join('\n')}</table></div>`
}

function tableRow(targets: readonly string[], {step, name, labels, cells}: MatrixRow, withStep: boolean): string {
  const shown = withStep ? `<span class="faint">${escapeHtml(step)}</span> ${escapeHtml(name)}` : escapeHtml(name)
  const marks = labels.map(label => ` <span class="label">${escapeHtml(label)}</span>`).join('')
  return `<tr><td>${shown}${marks}</td>${targets.map(target => cell(target, step, cells)).join('')}</tr>`
}

function cell(target: string, step: string, cells: MatrixRow['cells']): string {
  const test = cells.get(target)
  if (!test) return '<td class="cell faint" title="was not run"></td>'
  const sign = SIGNS[test.result]
  const isTold = test.result === 'failed' || test.result === 'flaky'
  const shown = isTold ? `<a href="#${escapeHtml(anchor(target, step, testName(test)))}">${sign}</a>` : sign
  return `<td class="cell ${test.result}" title="${escapeHtml(`${target}: ${test.result}`)}">${shown}</td>`
}
