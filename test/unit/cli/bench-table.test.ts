import t from 'tap'
import {benchMarkdown, benchText, ratio, seconds} from '../../../lib/cli/bench-table.js'
import {REPORT} from './bench-report.js'

const lines = benchText(REPORT).split('\n')
const lineOf = (pattern: RegExp) => lines.find(line => pattern.test(line))?.replace(/ +/g, ' ')

t.test('numbers have three digits, ratios too', async t => {
  t.same([1.234, 12.34, 123.4, 1234].map(seconds), ['1.23', '12.3', '123', '1234'])
  t.same([1.234, 12.34, undefined].map(ratio), ['1.23', '12.3', ''])
})

t.test('the table has a row for each mode: median, spread, CPU, memory and both ratios', async t => {
  t.equal(lineOf(/^sed +native/), 'sed native 3 26.0 25.0 to 30.0 1.50 64 20.0 1.00')
  t.equal(lineOf(/^sed +hybrid/), 'sed hybrid 1 52.0 one run 1.50 64 10.0 2.00')
})

t.test('below are the means, the skipped modes with their reason, the published figures and the machine', async t => {
  t.equal(lineOf(/^mean +hybrid/), 'mean hybrid 10.0 2.00')
  t.ok(lines.includes('<b>&"x\', cross: skipped, the host has no <gcc> (apt-get install a&b)'))
  t.match(lineOf(/BSDCan/), / 5\.15 2 to 4$/)
  t.match(lineOf(/Scratchbox/), / 3\.4$/)
  t.match(lineOf(/^2 cores of A & B/), /8 GiB, Linux 6\.7\.0, Debian; load 0\.50/)
  t.ok(lines.includes('qemu-user-static: 1:7.2'))
})

t.test('a machine that did more than this is told first', async t => {
  t.match(benchText({...REPORT, machine: {...REPORT.machine, load: 1.5}}), /^this machine was busy \(load 1\.5 on 2 cores\)/)
  t.notMatch(benchText(REPORT), 'was busy')
})

t.test('the Markdown table has as many cells in each row, whatever the text', async t => {
  const rows = benchMarkdown(REPORT).split('\n')
  const cells = rows.map(row => row.split(/(?<!\\)\|/).length)
  t.equal(new Set(cells).size, 1, rows.join('\n'))
  t.equal(rows[2], '| sed 4.9-1 | autotools | 520 | 52.0 | 20.0 | 26.0 | 10.0 | 2.00 |')
  t.match(rows[3], /\| – \| 2\.00 \| – \| – \| – \| – \|$/)
})
