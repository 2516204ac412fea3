import t from 'tap'
import {benchHtml} from '../../../lib/cli/bench-html.js'
import {escapeHtml} from '../../../lib/core/html.js'
import {REPORT} from './bench-report.js'

const html = benchHtml(REPORT)

t.test('nothing of a name, a command or a machine is taken for HTML', async t => {
  t.equal(escapeHtml('<a href="x">\'&amp;'), '&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;')
  for (const text of ['<b>', '<script', '<img>', '<gcc>', '<make>', 'a&b', 'A & B']) t.notOk(html.includes(text), text)
  t.ok(html.includes('&lt;b&gt;&amp;&quot;x&#39;'))
})

t.test('every element that is opened is closed', async t => {
  const open: string[] = []
  for (const [, slash, name = '', inside = ''] of html.matchAll(/<(\/?)([a-z0-9]+)([^>]*)>/g)) {
    if (name === 'meta' || inside.endsWith('/')) continue
    if (slash) t.equal(open.pop(), name)
    else open.push(name)
  }
  t.same(open, [])
})

t.test('the chart has a bar for each measured mode, the longer time the longer bar', async t => {
  const bars = [...html.matchAll(/<span class="(\w+)" style="width:([\d.]+)%"/g)].map(([, mode, width]) => [mode, Number(width)])
  t.same(
    bars.map(([mode]) => mode),
    ['emulated', 'hybrid', 'cross', 'native', 'hybrid'],
  )
  const [emulated = 0, hybrid = 0] = bars.map(([, width]) => Number(width))
  t.ok(Math.abs(emulated / hybrid - 10) < 0.1, `${emulated} to ${hybrid}`)
})

t.test('a skipped mode says why and what to do; machine and command are told', async t => {
  t.match(html, /skipped: the host has no &lt;gcc&gt; \(<code>apt-get install a&amp;b<\/code>\)/)
  t.match(html, /2 cores of A &amp; B, 8 GiB/)
  t.match(html, /xbuild-env bench --build/)
})

t.test('when, of which commit and by which version is at the top, and so is a machine that did more than this', async t => {
  t.match(html, /<time [^>]*>2026-01-02 03:04 UTC<\/time> · commit <code [^>]*>abcdef012345<\/code> · xbuild-env 0\.2\.0/)
  t.notMatch(html, 'was busy')
  const busy = benchHtml({...REPORT, machine: {...REPORT.machine, load: 1.5}})
  t.match(busy, /<h1>.*<p class="warning">this machine was busy \(load 1\.5 on 2 cores\)[^<]*<\/p>[\s\S]*class="chart"/s)
})

t.test('the file needs no other: nothing is loaded from anywhere', async t => {
  t.notMatch(html, /\b(src|href)=|url\(|@import|https?:/)
})
