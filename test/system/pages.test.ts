import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import t from 'tap'
import {packagePage} from '../../lib/bulk/package-page.js'
import {runPage} from '../../lib/bulk/page-html.js'
import {benchHtml} from '../../lib/cli/bench-html.js'
import {buildHtml} from '../../lib/cli/build-html.js'
import {makeLedger} from '../../lib/core/trace/ledger.js'
import {buildSpans} from '../../lib/core/trace/spans.js'
import {tracePage} from '../../lib/measure/trace-page.js'
import {REPORT} from '../unit/cli/bench-report.js'
import {BUILD_PAGE} from '../unit/cli/build-page.js'
import {end, exec, finish, HEADER, NO_ROUTE, ROUTED} from '../unit/core/traces.js'
import {type BrowserPage, NO_BROWSER, type Size, withBrowser} from './browser.js'
import {scratch} from './rig.js'

/** Names that do not break by themselves, as long as those of real builds. */
const LONG = `/usr/lib/${'mips64el-linux-gnuabi64-'.repeat(6)}x`

const MACHINE = {...REPORT.machine, load: 3.2}

function trace(): string {
  const programs = Array.from({length: 16}, (_, i) => `/usr/bin/program-${i}`)
  const events = [
    exec(0, 2, 0, '/usr/bin/make'),
    ...programs.flatMap((program, i) => [
      exec(i * 100 + 1, i + 10, 2, program, i % 3 === 0 ? NO_ROUTE : ROUTED),
      end(i * 100 + 90, i + 10),
    ]),
    exec(1700, 90, 2, LONG, {kind: 'variable', variable: `LD_PRELOAD=${LONG}`}, [LONG, LONG]),
    end(1900, 90),
    end(2000, 2),
    finish(2000),
  ]
  const built = buildSpans(events)
  const header = {...HEADER, command: ['make', LONG], version: '0.2.0', commit: 'f'.repeat(40)}
  return tracePage(header, makeLedger(header, built), built)
}

const PLANNED = {name: 'package', version: `1:2.3-${'4'.repeat(60)}`, dependents: 3, blocked: undefined} as unknown as Parameters<
  typeof packagePage
>[0]['planned']

/** The pages of a run of packages, with what they load. */
function run(directory: string): void {
  const counts = {all: 2, built: 1, failed: 1, blocked: 0, judging: 0, building: 0, queued: 0, left: 0}
  const failure = {package: LONG, verdict: 'package', reason: LONG, dependents: 3, how: LONG}
  const job = {package: LONG, way: 'hybrid', phase: 'build', inPhase: 3, elapsed: 9000, left: 100}
  const status = {
    run: LONG,
    version: 1,
    environment: 'mips64el',
    architecture: 'mips64el',
    work: {kind: 'works'},
    counts,
    verdicts: {package: 1},
    archive: {different: 1},
    verified: {different: 1},
    jobs: [job],
    failures: [failure],
    ledger: [{program: LONG, time: 3000, execs: 2, packages: 1, why: LONG}],
    time: {native: 1, emulated: 2, own: 3},
  }
  writeFileSync(join(directory, 'index.html'), runPage(LONG))
  writeFileSync(join(directory, 'status.js'), `xbuild.status(${JSON.stringify(status)})\n`)
  writeFileSync(join(directory, 'packages.js'), 'xbuild.packages([])\n')
}

/** All pages that xbuild-env writes, with names as long as they come. */
function writePages(directory: string): string[] {
  run(directory)
  const one = {planned: PLANNED, state: 'failed', judged: {verdict: 'twin', why: LONG}, attempts: []} as unknown as Parameters<
    typeof packagePage
  >[0]
  mkdirSync(join(directory, 'packages'))
  const pages: Record<string, string> = {
    'build.html': buildHtml(BUILD_PAGE),
    'bench.html': benchHtml({...REPORT, machine: MACHINE, command: `xbuild-env bench ${LONG}`}),
    'trace.html': trace(),
    'packages/one.html': packagePage(one, new Map(), []),
  }
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(directory, name), text)
  return [...Object.keys(pages), 'index.html']
}

const SIZES: readonly Size[] = [
  {width: 420, height: 900},
  {width: 1400, height: 1000},
]

/** Elements that reach beyond the page's right edge, and are in nothing that scrolls by itself. */
const OVERFLOWING = `[...document.querySelectorAll('body *')].filter(one => {
  if (one.getBoundingClientRect().right <= innerWidth + 1) return false
  for (let up = one.parentElement; up; up = up.parentElement) if (getComputedStyle(up).overflowX !== 'visible') return false
  return true
}).map(one => one.tagName + '.' + one.className + ' ' + one.textContent.slice(0, 60))`

/** Relative luminance of a colour as a browser writes it: https://www.w3.org/TR/WCAG21/#dfn-relative-luminance */
const LUMINANCE = `color => { const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(x => x / 255).map(x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b }`

const BACKGROUND = `(${LUMINANCE})(getComputedStyle(document.body).backgroundColor)`

async function checkPage(t: Tap, page: BrowserPage, name: string, pictures: string | undefined): Promise<void> {
  for (const size of SIZES) {
    for (const scheme of ['light', 'dark'] as const) {
      await page.show(size, scheme)
      const where = `${name} at ${size.width}, ${scheme}`
      const width = await page.evaluate<number>('document.documentElement.scrollWidth')
      t.ok(width <= size.width, `${where} is ${width} wide: ${JSON.stringify(await page.evaluate(OVERFLOWING))}`)
      const light = await page.evaluate<number>(BACKGROUND)
      t.ok(scheme === 'light' ? light > 0.8 : light < 0.05, `${where} has a background of ${light}`)
      if (pictures !== undefined)
        writeFileSync(join(pictures, `${name.replaceAll('/', '-')}-${size.width}-${scheme}.png`), await page.picture())
    }
  }
}

type Tap = Pick<typeof t, 'ok' | 'same'>

/** `XBUILD_TEST_PICTURES`: a directory that gets what was seen. */
t.test('no page is wider than it is looked at, in light and in dark', {skip: NO_BROWSER}, async t => {
  const directory = scratch(t)
  const names = writePages(directory)
  await withBrowser(async page => {
    for (const name of names) {
      await page.open(pathToFileURL(join(directory, name)).href)
      await checkPage(t, page, name, process.env.XBUILD_TEST_PICTURES)
      // What is folded away is opened as well.
      await page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
      await checkPage(t, page, `${name} opened`, undefined)
      t.same(page.errors, [], name)
    }
  })
})

/** Scrolls through the table, and says how long the page's own work of a step took, ms: the longest. */
const SCROLL = `(async () => {
  const place = document.querySelector('#rows')
  let longest = 0
  for (let step = 0; step <= 200; step++) {
    const start = performance.now()
    place.scrollTop = place.scrollHeight * step / 200
    place.dispatchEvent(new Event('scroll'))
    place.getBoundingClientRect()
    longest = Math.max(longest, performance.now() - start)
    if (step % 20 === 0) await new Promise(done => requestAnimationFrame(done))
  }
  return longest
})()`

/** The same for a word that is looked for, letter by letter. */
const FIND = `(() => {
  const find = document.querySelector('#find')
  let longest = 0
  for (const end of ['l', 'li', 'lib7', 'lib77', 'lib777']) {
    const start = performance.now()
    find.value = end
    find.dispatchEvent(new Event('input'))
    longest = Math.max(longest, performance.now() - start)
  }
  return longest
})()`

t.test('thirty thousand packages are scrolled and searched while few of them are drawn', {skip: NO_BROWSER}, async t => {
  const directory = scratch(t)
  run(directory)
  const rows = Array.from({length: 30_000}, (_, i) => [
    `lib${i}`,
    '1.0-1',
    'failed',
    'package',
    '',
    i,
    20,
    i % 90,
    1,
    'it ended with 2',
    '',
    '',
  ])
  writeFileSync(join(directory, 'packages.js'), `xbuild.packages(${JSON.stringify(rows)})\n`)
  await withBrowser(async page => {
    await page.open(pathToFileURL(join(directory, 'index.html')).href)
    for (const size of SIZES) {
      await page.show(size, 'light')
      const [step, letter] = [await page.evaluate<number>(SCROLL), await page.evaluate<number>(FIND)]
      t.comment(`at ${size.width}: a step of scrolling ${step.toFixed(1)} ms, a letter ${letter.toFixed(1)} ms at most`)
      t.equal(await page.evaluate("document.querySelector('#count').textContent"), '11 of 30000')
      t.ok((await page.evaluate<number>("document.querySelectorAll('.row').length")) < 100)
      await page.evaluate("document.querySelector('#find').value = ''; document.querySelector('#find').dispatchEvent(new Event('input'))")
    }
    t.same(page.errors, [])
  })
})

t.test('the timeline is coloured by program, each beside its name', {skip: NO_BROWSER}, async t => {
  const directory = scratch(t)
  writeFileSync(join(directory, 'trace.html'), trace())
  await withBrowser(async page => {
    await page.show({width: 1400, height: 1000}, 'light')
    await page.open(pathToFileURL(join(directory, 'trace.html')).href)
    await page.show({width: 1400, height: 1000}, 'light')
    const legend = await page.evaluate<string[]>(
      "[...document.querySelectorAll('#programs .dot')].map(one => getComputedStyle(one).backgroundColor)",
    )
    t.equal(legend.length, 12, 'eleven programs, and the others')
    t.equal(new Set(legend).size, 12)
    const drawn = await page.evaluate<string[]>(`(() => {
      const {width, height} = timeline
      const {data} = timeline.getContext('2d').getImageData(0, 0, width, height)
      const found = new Set()
      for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) found.add('rgb(' + data[i] + ', ' + data[i + 1] + ', ' + data[i + 2] + ')')
      return [...found]
    })()`)
    for (const colour of legend) t.ok(drawn.includes(colour), colour)
    t.same(page.errors, [])
  })
})
