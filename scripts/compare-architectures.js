/**
 * node scripts/compare-architectures.js DIRECTORY … --with mips64el [--mirror URL] [--suite bookworm] [--json]
 *
 * Compares packages that were built for a CPU without an archive with those of the same names and versions that Debian has for a
 * near relative: lists of files, what libraries and programs define and need, dependencies. The two triples and names of
 * architectures count as one. What is left is what a porter would look at first; what was built there years ago, with a C library before 2.34,
 * is counted by itself. Ends with 1 where something is.
 */
import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {parseArgs} from 'node:util'

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    with: {type: 'string', default: 'mips64el'},
    mirror: {type: 'string', default: 'http://deb.debian.org/debian'},
    suite: {type: 'string', default: 'bookworm'},
    json: {type: 'boolean', default: false},
  },
})
const print = line => process.stdout.write(`${line}\n`)
const MOST_OUTPUT = 2 ** 28
const capture = (program, args, input) => execFileSync(program, args, {input, maxBuffer: MOST_OUTPUT, stdio: ['pipe', 'pipe', 'ignore']})
const text = (program, ...args) => capture(program, args).toString()

async function get(path) {
  const answer = await fetch(`${values.mirror}/${path}`)
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return Buffer.from(await answer.arrayBuffer())
}

/** The fields of a control file or of a stanza of an index. */
const fieldsOf = stanza => new Map([...stanza.matchAll(/^([A-Za-z0-9-]+): *((?:.*)(?:\n .*)*)/gm)].map(([, name, value]) => [name, value]))

/** What the archive has of an architecture, by name. */
async function readIndex(architecture) {
  const packed = await get(`dists/${values.suite}/main/binary-${architecture}/Packages.xz`)
  const stanzas = capture('xz', ['-dc'], packed).toString().split('\n\n')
  return new Map(stanzas.map(fieldsOf).map(fields => [fields.get('Package'), fields]))
}

const debsBelow = directory =>
  readdirSync(directory, {recursive: true})
    .filter(name => name.endsWith('.deb') && !basename(name).includes('-dbgsym_'))
    .map(name => join(directory, name))
    .filter(path => statSync(path).isFile())

const withoutRebuild = version => version.replace(/\+b\d+$/, '')

async function fetchPackage(fields, place) {
  const to = join(place, basename(fields.get('Filename')))
  if (existsSync(to)) return to
  const bytes = await get(fields.get('Filename'))
  if (createHash('sha256').update(bytes).digest('hex') !== fields.get('SHA256')) throw new Error(`${to}: not the sum that the index has`)
  writeFileSync(to, bytes)
  return to
}

/** Fields that say what a package needs, and what it is. man 5 deb-control */
const FIELDS = [
  'Depends',
  'Pre-Depends',
  'Recommends',
  'Suggests',
  'Provides',
  'Breaks',
  'Conflicts',
  'Replaces',
  'Multi-Arch',
  'Section',
  'Priority',
]

/**
 * The packages of a cross compiler say by `shlibs` alone which version of theirs a program needs, so that is the newest; and what
 * debhelper writes down names its own version, which was another then.
 */
const EXPLAINED = [
  [/\b(libc6|libgcc-s1|libstdc\+\+6|libatomic1|libgomp1|libgfortran5) \(>= [^)]*\)/g, '$1'],
  [/^# Triggers added by .*$/, ''],
]
const explained = lists =>
  new Map([...lists].map(([of, lines]) => [of, lines.map(line => EXPLAINED.reduce((left, [from, to]) => left.replace(from, to), line))]))

/** A changelog that a rebuild alone has: of a native package it has no `Debian` in its name. */
const isRebuilds = (path, architecture) => /changelog\.Debian\.[^/]*\.gz$/.test(path) || path.endsWith(`/changelog.${architecture}.gz`)

/** Lists of lines that are compared, by what they are of. */
function describe(deb, architecture, work) {
  const tree = mkdtempSync(join(work, 'tree-'))
  const control = mkdtempSync(join(work, 'control-'))
  capture('dpkg-deb', ['--extract', deb, tree])
  capture('dpkg-deb', ['--control', deb, control])
  const triples = new RegExp(`\\b${architecture}(-linux-gnu[a-z0-9]*)?\\b`, 'g')
  const same = line => line.replace(triples, (_, triple) => (triple === undefined ? 'ARCHITECTURE' : 'TRIPLE'))
  const lists = new Map()
  const put = (of, lines) => lists.set(same(of), lines.map(same))
  const paths = readdirSync(tree, {recursive: true, withFileTypes: true}).map(entry => ({
    path: join(entry.parentPath, entry.name).slice(tree.length),
    entry,
  }))
  put(
    'files',
    paths.filter(({path}) => !isRebuilds(path, architecture)).map(({path, entry}) => `${path}${entry.isDirectory() ? '/' : ''}`),
  )
  for (const {path, entry} of paths) if (entry.isFile()) describeElf(join(tree, path), path, put)
  const fields = fieldsOf(readFileSync(join(control, 'control'), 'utf8'))
  for (const field of FIELDS) put(field, (fields.get(field) ?? '').replace(/\+b\d+(?=\))/g, '').split(/,\s*/))
  for (const name of ['symbols', 'shlibs', 'triggers', 'conffiles']) {
    put(
      name,
      existsSync(join(control, name))
        ? readFileSync(join(control, name), 'utf8')
            .replace(/\+b\d+(?=\)?$)/gm, '')
            .split('\n')
        : [],
    )
  }
  rmSync(tree, {recursive: true})
  rmSync(control, {recursive: true})
  return lists
}

/** What a program or library defines for others, takes of others, and needs. */
function describeElf(file, path, put) {
  if (readFileSync(file).subarray(0, 4).toString('latin1') !== '\x7fELF') return
  const symbols = text('readelf', '--wide', '--dyn-syms', file)
    .split('\n')
    .map(line => line.trim().split(/\s+/))
  const named = symbols.filter(([number, , , , binding, , , name]) => /^\d+:$/.test(number ?? '') && binding !== 'LOCAL' && name)
  put(
    `${path} defines`,
    named.filter(([, , , , , , section]) => section !== 'UND').map(([, , , type, binding, , , name]) => `${name} ${type} ${binding}`),
  )
  put(
    `${path} takes`,
    named.filter(([, , , , , , section]) => section === 'UND').map(([, , , , , , , name]) => name),
  )
  put(
    `${path} needs`,
    [...text('readelf', '--wide', '--dynamic', file).matchAll(/\((NEEDED|SONAME)\).*\[(.*)\]/g)].map(([, kind, name]) => `${kind} ${name}`),
  )
}

/**
 * Whether an archive's package was linked with a C library before 2.34: that gave the function that starts programs a new version, and
 * 2.33 stat() and its like. Then it was made by another compiler, too, and by another debhelper. Of a source's packages, one tells.
 */
const OLD = /^(__libc_start_main@GLIBC_2\.(?!34$)|__[lf]?xstat(64)?@)/
const oldOf = lists => [...lists].flatMap(([of, lines]) => (of.endsWith(' takes') ? lines.filter(line => OLD.test(line)) : []))
const isOlder = (own, other) => oldOf(own).length === 0 && oldOf(other).length > 0

/** What one has and the other has not. */
function differences(own, other) {
  const found = []
  for (const of of new Set([...own.keys(), ...other.keys()])) {
    const [a, b] = [new Set(own.get(of) ?? []), new Set(other.get(of) ?? [])]
    const [more, less] = [[...a].filter(line => !b.has(line)), [...b].filter(line => !a.has(line))]
    if (more.length + less.length > 0) found.push({of, more, less})
  }
  return found
}

/** So many lines of a difference are shown. */
const FEW = 4
const shown = (sign, lines) =>
  [...lines.slice(0, FEW), ...(lines.length > FEW ? [`… ${lines.length - FEW} more`] : [])].map(line => `    ${sign} ${line}`)

const index = await readIndex(values.with)
const work = mkdtempSync(join(tmpdir(), 'compare-architectures-'))
const place = join(work, values.with)
mkdirSync(place)
const results = []
/** Sources that were built there with another C library. */
const older = new Set()
try {
  for (const deb of positionals.flatMap(debsBelow)) {
    const [name, version, architecture, source] = text(
      'dpkg-deb',
      '--show',
      `--showformat=${['Package', 'Version', 'Architecture', 'source:Package'].map(name => `\${${name}}`).join('\\n')}`,
      deb,
    ).split('\n')
    const fields = index.get(name)
    if (architecture === 'all') continue
    if (!fields || withoutRebuild(fields.get('Version')) !== withoutRebuild(version)) {
      results.push({name, version, verdict: 'not-compared', other: fields?.get('Version')})
      continue
    }
    const other = await fetchPackage(fields, place)
    const both = [describe(deb, architecture, work), describe(other, values.with, work)]
    const found = differences(...both.map(explained))
    const verdict = found.length > 0 ? 'different' : differences(...both).length > 0 ? 'explained' : 'same'
    if (isOlder(...both)) older.add(source)
    results.push({name, version, source, verdict, differences: found})
  }
} finally {
  rmSync(work, {recursive: true})
}
for (const result of results) if (result.verdict === 'different' && older.has(result.source)) result.verdict = 'older'
if (values.json) print(JSON.stringify(results, null, 2))
else {
  for (const {name, version, verdict, other, differences: found = []} of results) {
    print(`${name} ${version}: ${verdict === 'not-compared' ? `not compared: the archive has ${other ?? 'none'}` : verdict}`)
    if (verdict === 'older') continue
    for (const {of, more, less} of found) print([`  ${of}:`, ...shown('+', more), ...shown('-', less)].join('\n'))
  }
  const count = verdict => results.filter(one => one.verdict === verdict).length
  print(
    `${count('same')} the same, ${count('explained')} but for the versions that they need of the compiler's libraries, ${count('different')} different, ${count('older')} built there with a C library before 2.34, ${count('not-compared')} not compared`,
  )
}
process.exitCode = results.some(({verdict}) => verdict === 'different') ? 1 : 0
