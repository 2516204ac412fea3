/**
 * The page's own program. What it shows comes as scripts (`status.js`, `packages.js`), which a page that lies on a disk may load as
 * one that is served may. Of the packages, only the rows that are seen are made.
 */
export const PAGE_SCRIPT = `'use strict'
const $ = id => document.getElementById(id)
const STATES = ['built', 'failed', 'blocked', 'judging', 'building', 'queued']
const COLORS = {built: 'built', failed: 'failed', blocked: 'blocked', judging: 'failed', building: 'building', queued: 'queued'}
const FAULTS = {package: "the package's own", emulator: "the emulator's, or the port's", twin: "a twin's: our defect", sandbox: 'of how it is built here', infrastructure: "nobody's: mirror, disk", flaky: 'it passed the second time', unclear: 'not found out'}
const COLUMNS = [['package', 0], ['version', 1], ['state', 2], ['verdict', 3], ['time', 5, 1], ['emulated', 6, 1], ['needed', 7, 1], ['how', 9]]
const ROW = 28
let rows = [], shown = [], loaded = -1, order = {column: 2, direction: 1}, only = {column: 2, value: ''}, idle = false
const element = (name, text, attributes = {}) => { const made = document.createElement(name); if (text !== undefined) made.textContent = text; for (const key in attributes) made.setAttribute(key, attributes[key]); return made }
const duration = s => s < 90 ? Math.round(s) + ' s' : s < 5400 ? Math.round(s / 60) + ' min' : Math.floor(s / 3600) + ' h ' + Math.round(s % 3600 / 60) + ' min'
const load = name => { const script = element('script'); script.src = name + '.js?' + Date.now(); script.onload = script.onerror = () => script.remove(); document.head.append(script) }

function bar(place, legend, parts, its) {
  place.replaceChildren(); legend.replaceChildren()
  for (const [name, count, color, text, column = its] of parts) {
    if (!count) continue
    const choose = () => { only = only.value === name && only.column === column ? {column: 2, value: ''} : {column, value: name}; select() }
    const piece = element('button', undefined, {title: name + ': ' + count, 'aria-label': name + ': ' + count, style: 'flex:' + count + ';background:var(--' + color + ')'})
    const line = element('button', undefined, {'aria-pressed': only.column === column && only.value === name})
    line.append(element('span', undefined, {class: 'dot', style: 'background:var(--' + color + ')'}), element('b', count), ' ' + name + (text ? ', ' + text : ''))
    piece.onclick = line.onclick = choose
    place.append(piece); legend.append(line)
  }
}

function row(place, cells) { const line = element('tr'); for (const cell of cells) line.append(cell instanceof Node ? cell : element('td', cell)); place.append(line) }
const link = name => { const cell = element('td'); cell.append(element('a', name, {href: 'packages/' + name + '.html'})); return cell }
const chip = (name, color) => { const cell = element('td', undefined, {class: 'chip'}); if (name) cell.append(element('span', undefined, {class: 'dot', style: 'background:var(--' + color + ')'}), name); return cell }

function showStatus(status) {
  idle = status.work.kind === 'idle'
  const {counts} = status
  document.title = status.run + ': ' + counts.built + ' of ' + counts.all
  $('run').textContent = status.run
  const work = status.work.kind === 'idle' ? 'nobody works on it: ' + status.work.left : status.work.kind === 'waits' ? 'waits: ' + status.work.why : 'goes on'
  $('about').textContent = status.environment + ' (' + status.architecture + '), ' + work + (status.eta === undefined || idle ? '' : ', done in about ' + duration(status.eta)) + (counts.left ? '; skipped: ' + counts.left : '')
  bar($('states'), $('states-legend'), STATES.map(name => [name, counts[name], COLORS[name]]), 2)
  const faults = Object.entries(FAULTS).map(([name, text]) => [name, status.verdicts[name] || 0, name, text])
  const blocked = ['blocked', counts.blocked, 'blocked', "the archive's: what they need is not there", 2]
  $('fault').hidden = ![...faults, blocked].some(fault => fault[1])
  bar($('faults'), $('faults-legend'), [...faults, blocked], 3)
  const archive = [['identical', 'built'], ['explained', 'building', 'identical but for stated causes'], ['different', 'failed', 'see the packages'], ['none', 'queued', 'the archive has none of that version']]
  $('archived').hidden = !archive.some(one => status.archive[one[0]])
  bar($('archive'), $('archive-legend'), archive.map(([name, color, text]) => [name, status.archive[name] || 0, color, text]), 10)
  const verified = [['identical', 'built'], ['explained', 'building', 'identical but for stated causes'], ['different', 'failed', 'see the packages'], ['hybrid-only', 'failed', 'it was not built emulated'], ['open', 'queued', 'still to be compared']]
  $('verified').hidden = !verified.some(one => status.verified[one[0]])
  bar($('verify'), $('verify-legend'), verified.map(([name, color, text]) => [name, status.verified[name] || 0, color, text]), 11)
  $('running').hidden = status.jobs.length === 0
  $('jobs').replaceChildren()
  for (const job of status.jobs) row($('jobs'), [link(job.package), job.way, job.phase, element('td', duration(job.inPhase), {class: 'number'}), element('td', duration(job.elapsed), {class: 'number'}), element('td', job.left === undefined ? '' : 'about ' + duration(job.left), {class: 'number optional'}), element('td', job.node ?? '', {class: 'optional'})])
  $('cluster').hidden = !status.nodes
  $('nodes').replaceChildren()
  for (const node of status.nodes ?? []) row($('nodes'), [node.name, node.state, element('td', String(node.slots), {class: 'number'}), element('td', String(node.running), {class: 'number'}), element('td', node.load === undefined ? '' : node.load.toFixed(1), {class: 'number'}), (node.why ?? '') + (node.since ? ' (since ' + new Date(node.since).toLocaleString() + ')' : '')])
  $('failed').hidden = status.failures.length === 0
  $('failures').replaceChildren()
  for (const one of status.failures.slice(0, 50)) row($('failures'), [link(one.package), chip(one.verdict || (one.state === 'blocked' ? 'blocked' : 'not judged yet'), one.verdict || (one.state === 'blocked' ? 'blocked' : 'unclear')), element('td', one.reason || '', {class: 'optional'}), element('td', one.dependents, {class: 'number optional'}), element('td', one.how)])
  $('costly').hidden = status.ledger.length === 0
  $('programs').replaceChildren()
  for (const one of status.ledger) row($('programs'), [one.program, element('td', duration(one.time / 1000), {class: 'number'}), element('td', one.execs, {class: 'number'}), element('td', one.packages, {class: 'number optional'}), one.why])
  if (status.version !== loaded) { loaded = status.version; load('packages') }
}

const compare = (a, b) => typeof a === 'number' ? b - a : a < b ? -1 : a > b ? 1 : 0
function select() {
  const words = $('find').value.toLowerCase().split(' ').filter(Boolean)
  shown = rows.filter(one => (only.value === '' || one[only.column] === only.value) && words.every(word => one[0].includes(word) || one[4].includes(word) || one[9].toLowerCase().includes(word)))
  const {column, direction} = order
  const value = column === 2 ? one => STATES.indexOf(one[2]) === 0 ? 9 : STATES.indexOf(one[2]) : one => one[column]
  const compareColumn = column === 2 ? (a, b) => value(a) - value(b) : (a, b) => compare(value(a), value(b))
  shown.sort((a, b) => direction * compareColumn(a, b) || (a[0] < b[0] ? -1 : 1))
  $('count').textContent = shown.length + ' of ' + rows.length + (only.value ? ', ' + only.value + ' only' : '')
  $('space').style.height = shown.length * ROW + 'px'
  draw()
}

const pool = []
function draw() {
  const place = $('rows')
  const first = Math.max(0, Math.floor(place.scrollTop / ROW) - 5)
  const last = Math.min(shown.length, first + Math.ceil(place.clientHeight / ROW) + 10)
  while (pool.length < last - first) {
    const made = element('div', undefined, {class: 'row', role: 'row'})
    for (const [, , number] of COLUMNS) made.append(element('span', undefined, number ? {class: 'number'} : {}))
    made.firstChild.append(element('a'))
    pool.push(made); $('space').append(made)
  }
  pool.forEach((made, i) => {
    const one = shown[first + i]
    made.hidden = first + i >= last
    if (made.hidden) { made.style.display = 'none'; return }
    made.style.display = ''
    made.style.top = (first + i) * ROW + 'px'
    const cells = made.children
    const anchor = cells[0].firstChild
    anchor.textContent = one[0]
    if (one[8] > 0 || one[2] === 'blocked') anchor.href = 'packages/' + one[0] + '.html'; else anchor.removeAttribute('href')
    cells[1].textContent = one[1]
    cells[2].textContent = one[2]; cells[2].style.color = 'var(--' + COLORS[one[2]] + ')'
    cells[3].textContent = one[3]; cells[3].style.color = one[3] ? 'var(--' + one[3] + ')' : ''
    cells[4].textContent = one[5] ? duration(one[5]) : ''
    cells[5].textContent = one[6] < 0 ? '' : (one[6] / 10).toFixed(0) + ' %'
    cells[6].textContent = one[7] || ''
    cells[7].textContent = one[9]
  })
}

window.xbuild = {status: showStatus, packages: list => { rows = list; select() }}
for (const [name, column] of COLUMNS) {
  const cell = element('span', name)
  cell.onclick = () => { order = {column, direction: order.column === column ? -order.direction : 1}; select() }
  $('head').append(cell)
}
$('rows').addEventListener('scroll', draw, {passive: true})
addEventListener('resize', draw)
$('find').addEventListener('input', select)
load('status')
setInterval(() => { if (!document.hidden) load('status') }, 2000)
`
