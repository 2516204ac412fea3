/** What runs in the browser, in the page that trace-page.ts makes: plain JavaScript, since the page stands alone. */
export const PAGE_SCRIPT = `
'use strict'
const data = JSON.parse(document.getElementById('data').textContent)
const canvas = document.getElementById('timeline')
const about = document.getElementById('about')
const hint = about.textContent
const context = canvas.getContext('2d')
const LANE = 15, AXIS = 20, BELOW = 3
/** Hues that can be told apart, one for each of data.coloured; the others are grey. */
const HUES = [172, 28, 215, 330, 268, 95, 48, 2, 192, 300, 130]
const ranks = new Map(data.coloured.map((program, i) => [program, i]))
const view = {from: 0, to: Math.max(data.end, 1)}
let width = 0, colours = {}, waiting = false

const time = us => us >= 1e6 ? (us / 1e6).toFixed(2) + ' s' : us >= 1e3 ? (us / 1e3).toFixed(1) + ' ms' : us + ' µs'
const toX = us => (us - view.from) / (view.to - view.from) * width
const toTime = x => view.from + x / width * (view.to - view.from)

function redraw() {
  if (waiting) return
  waiting = true
  requestAnimationFrame(draw)
}

function drawAxis(colour) {
  const step = 10 ** Math.floor(Math.log10((view.to - view.from) / 4))
  const wide = (view.to - view.from) / step > 10 ? step * 5 : step * 2
  context.fillStyle = colour
  for (let at = Math.ceil(view.from / wide) * wide; at <= view.to; at += wide) {
    context.fillRect(toX(at), 0, 1, AXIS - 4)
    context.fillText(time(at), toX(at) + 4, AXIS - 8)
  }
}

function draw() {
  waiting = false
  context.clearRect(0, 0, width, canvas.clientHeight)
  context.font = '11px system-ui, sans-serif'
  drawAxis(colours.faint)
  for (const [start, duration, , lane, group, program] of data.spans) {
    if (start > view.to || start + duration < view.from) continue
    const x = Math.max(toX(start), 0)
    const size = Math.min(toX(start + duration), width) - x
    context.fillStyle = colours.program(program)
    context.fillRect(x, AXIS + lane * LANE, Math.max(size - .5, .7), LANE - 2 - BELOW)
    context.fillStyle = colours.groups[group]
    context.fillRect(x, AXIS + lane * LANE + LANE - 2 - BELOW, Math.max(size - .5, .7), BELOW)
    if (size < 40) continue
    const name = data.programs[program].replace(/.*[/]/, '')
    context.fillStyle = colours.paper
    if (context.measureText(name).width < size - 6) context.fillText(name, x + 3, AXIS + lane * LANE + 9)
  }
}

/** A variable's colour, light or dark as it is now. */
function colour(name) {
  about.style.color = 'var(' + name + ')'
  const found = getComputedStyle(about).color
  about.style.color = ''
  return found
}

function choose() {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches
  const program = index => ranks.has(index) ? 'hsl(' + HUES[ranks.get(index) % HUES.length] + (dark ? ' 50% 66%)' : ' 55% 40%)') : colour('--queued')
  const known = new Map(data.programs.map((_, i) => [i, program(i)]))
  colours = {groups: ['--native', '--emulated', '--own'].map(colour), faint: colour('--faint'), paper: colour('--paper'), program: index => known.get(index)}
  const legend = data.coloured.map(index => [data.programs[index].replace(/.*[/]/, ''), known.get(index), data.programs[index]])
  if (data.programs.length > data.coloured.length) legend.push(['others', colour('--queued'), ''])
  document.getElementById('programs').replaceChildren(...legend.map(([name, shade, title]) => {
    const entry = document.createElement('span'), dot = document.createElement('span')
    dot.className = 'dot'
    dot.style.background = shade
    entry.title = title
    entry.append(dot, name)
    return entry
  }))
}

function measure() {
  choose()
  const height = AXIS + Math.max(data.lanes, 1) * LANE + 4
  const scale = devicePixelRatio || 1
  width = canvas.parentElement.clientWidth
  Object.assign(canvas, {width: width * scale, height: height * scale})
  Object.assign(canvas.style, {width: width + 'px', height: height + 'px'})
  context.setTransform(scale, 0, 0, scale, 0, 0)
  redraw()
}

function show(from, to) {
  const size = Math.min(Math.max(to - from, 10), Math.max(data.end, 10))
  view.from = Math.min(Math.max(from, 0), Math.max(data.end - size, 0))
  view.to = view.from + size
  redraw()
}

function zoom(factor, centre = (view.from + view.to) / 2) {
  show(centre - (centre - view.from) * factor, centre + (view.to - centre) * factor)
}

const move = part => show(view.from + part * (view.to - view.from), view.to + part * (view.to - view.from))

function spanAt(event) {
  const lane = Math.floor((event.offsetY - AXIS) / LANE)
  const near = 2 / width * (view.to - view.from)
  const at = toTime(event.offsetX)
  return data.spans.find(span => span[3] === lane && at >= span[0] - near && at <= span[0] + span[1] + near)
}

let dragged
canvas.addEventListener('wheel', event => {
  event.preventDefault()
  zoom(event.deltaY > 0 ? 1.25 : .8, toTime(event.offsetX))
}, {passive: false})
canvas.addEventListener('pointerdown', event => {
  dragged = {x: event.offsetX, from: view.from, to: view.to}
  canvas.setPointerCapture(event.pointerId)
})
canvas.addEventListener('pointerup', () => { dragged = undefined })
canvas.addEventListener('pointermove', event => {
  if (dragged) {
    const by = (dragged.x - event.offsetX) / width * (dragged.to - dragged.from)
    show(dragged.from + by, dragged.to + by)
    return
  }
  const span = spanAt(event)
  if (!span) { about.textContent = hint; return }
  const [start, duration, own, , , program, pid, words] = span
  about.textContent = data.programs[program] + ' ' + words + ': at ' + time(start) + ', ' + time(duration) + ', of it ' + time(own) + ' its own; process ' + pid
})
canvas.addEventListener('dblclick', () => show(0, data.end))
canvas.addEventListener('keydown', event => {
  const action = {ArrowLeft: () => move(-.2), ArrowRight: () => move(.2), '+': () => zoom(.5), '-': () => zoom(2)}[event.key]
  if (!action) return
  event.preventDefault()
  action()
})
document.getElementById('in').addEventListener('click', () => zoom(.5))
document.getElementById('out').addEventListener('click', () => zoom(2))
document.getElementById('all').addEventListener('click', () => show(0, data.end))

function sortBy(head, column) {
  const isNumber = head.classList.contains('number')
  const before = head.getAttribute('aria-sort')
  const order = before ? (before === 'ascending' ? 'descending' : 'ascending') : isNumber ? 'descending' : 'ascending'
  for (const other of head.parentElement.children) other.removeAttribute('aria-sort')
  head.setAttribute('aria-sort', order)
  const body = document.querySelector('tbody')
  const value = row => row.children[column].dataset.sort
  const compare = isNumber ? (a, b) => value(a) - value(b) : (a, b) => value(a).localeCompare(value(b))
  const rows = [...body.children].sort((a, b) => order === 'ascending' ? compare(a, b) : compare(b, a))
  body.append(...rows)
}
for (const button of document.querySelectorAll('th button')) {
  button.addEventListener('click', () => sortBy(button.parentElement, Number(button.dataset.column)))
}

new ResizeObserver(measure).observe(canvas.parentElement)
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', measure)
measure()
`
