import t from 'tap'
import {buildHtml} from '../../../lib/cli/build-html.js'
import {BUILD_PAGE} from './build-page.js'

const html = buildHtml(BUILD_PAGE)

t.test('nothing of a name, or of what was printed, is taken for HTML', async t => {
  for (const text of ['<project>', '<at>', '<here>', '<expression>', '<of the log>']) t.notOk(html.includes(text), text)
  for (const text of ['&lt;project&gt;', '&lt;at&gt;', '&lt;here&gt;', '&lt;expression&gt;', '&lt;of the log&gt;'])
    t.ok(html.includes(text), text)
})

t.test('it says when, of which commit and by which version it was made, and how many targets were built', async t => {
  t.match(
    html,
    /<time datetime="2026-01-02T03:04:05\.000Z">2026-01-02 03:04 UTC<\/time> · commit <code title="0{1}123456789abcdef[^"]*">0123456789ab<\/code> · xbuild-env 0\.2\.0 · hybrid · /,
  )
  t.match(html, '&lt;project&gt;: 7 of 11 targets built')
})

t.test('each target has its outcome: built, failed or stopped', async t => {
  const outcome = (target: string) => new RegExp(`<a href="#${target}">${target}</a></td><td class="(\\S+)">`).exec(html)?.[1]
  t.same(['mips64el', 's390x', 'armhf', 'riscv64', 'powerpc'].map(outcome), ['built', 'failed', 'failed', 'stopped', 'failed'])
})

t.test('the matrix has a row for each test, those that failed first, and leads to what they printed', async t => {
  const rows = [...html.matchAll(/<tr><td>([^<]*(?:<span[^>]*>[^<]*<\/span>[^<]*)*)<\/td>(<td class="cell.*?)<\/tr>/g)].map(
    ([, name = '']) => name.replace(/<.*?>/g, ''),
  )
  t.equal(rows[0], 'calculator: divides')
  t.equal(rows.length, 5)
  const anchor = /<a href="#(s390x\/test\/[^"]*divides)">✗<\/a>/.exec(html)?.[1]
  t.ok(html.includes(`<details open id="${anchor}">`), String(anchor))
})

t.test('of what failed: the first error, the last lines, the tests with what the host says', async t => {
  t.match(html, '<p>the first error, in line 640:</p>')
  t.match(html, '<mark>a.c:3:1: error: expected &lt;expression&gt;</mark>')
  t.match(html, 'the last 50 of 812 lines')
  t.match(html, /calculator: divides<\/summary><p>it passes on the host: /)
})

t.test('artifacts have sizes for people, and sums; logs say what of them is left out', async t => {
  t.match(html, '<td class="number">1.2 MB</td>')
  t.match(html, `<code>${'ab'.repeat(32)}</code>`)
  t.match(html, '→ x.so.1')
  t.match(html, /log of test, 1\.5 MB<\/summary><p class="faint">its last \d+ bytes; all of it is in <code>/)
})

t.test('it needs nothing from anywhere, and says so to the browser', async t => {
  t.notMatch(html, /https?:|src=|@import/)
  t.match(html, "default-src 'none'")
})
