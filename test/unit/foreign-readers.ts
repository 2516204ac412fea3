import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Test} from 'tap'
import {parseConfigDocument} from '../../lib/config/document.js'
import {parseProject} from '../../lib/config/project.js'
import {projectValues} from '../../lib/config/project-values.js'
import {arMembers, packedFormat, tarMembers} from '../../lib/core/compare/content.js'
import {parseTree} from '../../lib/core/compare/tree-entry.js'
import {withSourcePackages} from '../../lib/core/debian/apt-sources.js'
import {parseAr} from '../../lib/core/debian/ar.js'
import {parseComing, SUMS_OF} from '../../lib/core/debian/coming.js'
import {buildDependencies} from '../../lib/core/debian/control.js'
import {orderVersions, parseStatus, parseSums} from '../../lib/core/debian/packages.js'
import {parseIndex} from '../../lib/core/debian/pins.js'
import {controlArchitectures, parseChangelog, parseChanges, parseDsc} from '../../lib/core/debian/source-package.js'
import {parseTar} from '../../lib/core/debian/tar.js'
import {isForMachine, parseElf} from '../../lib/core/elf/header.js'
import {readLinking} from '../../lib/core/elf/linking.js'
import {buildId, parseImage, symbolAddress, zlibSections} from '../../lib/core/elf/sections.js'
import {X86_64} from '../../lib/core/hosts/x86-64.js'
import {X86_64_PROCESSOR} from '../../lib/core/hosts/x86-64-processor.js'
import {parseCtestFile} from '../../lib/core/project/harness/ctest-labels.js'
import {parseLastBuild} from '../../lib/core/project/last-build.js'
import {parseResultFile} from '../../lib/core/project/test-files.js'
import {parseTestOutput} from '../../lib/core/project/test-output.js'
import {parseViewState} from '../../lib/core/project/view-state.js'
import {parseTrace} from '../../lib/core/trace/format.js'
import {makeLedger} from '../../lib/core/trace/ledger.js'
import {buildSpans} from '../../lib/core/trace/spans.js'
import {withCpuFeatures, withTunables} from '../../lib/core/twins/loader.js'
import {namesMachine} from '../../lib/core/twins/machine-name.js'
import {isNoRoute, isRoute} from '../../lib/core/twins/route-check.js'
import {leftOver, nameWhatIsThere} from '../../lib/core/twins/scan.js'
import {encodeHeader, parseHeader} from '../../lib/environment/archive-header.js'
import {parseRecord} from '../../lib/environment/record.js'
import {tracePage} from '../../lib/measure/trace-page.js'
import {parseManifestPaths} from '../../lib/project/manifest.js'
import {findUser} from '../../lib/session/guest.js'
import {record as traceRecord} from './core/traces.js'
import {SHAPES, sectionedElf} from './elf-sections-file.js'
import {EMULATED} from './environment/records.js'

const HEADER = '{"file":"xbuild-env trace","format":1,"environment":"e","profile":"arm64","mode":"hybrid","started":"x","command":["a"]}\n'
const TRACE = Buffer.concat([
  Buffer.from(HEADER),
  traceRecord({kind: 'start', time: 1}),
  traceRecord({kind: 'exec', time: 2, pid: 7, parent: 1, strings: ['/usr/bin/sed', 'usr/bin/sed', '', 'sed\0-n']}),
  traceRecord({kind: 'end', time: 3, pid: 7}),
  traceRecord({kind: 'finish', time: 4}),
])

const STATUS = `Package: libc6
Status: install ok installed
Architecture: mips64el
Source: glibc (2.36-9)
Version: 2.36-9+deb12u10
Description: text
 more

Package: sed
Version: 4.9-1
`

const PROJECT =
  'targets: [arm64, {profile: mips64el, name: x, env: {A: b}}]\nsteps:\n  build: make\n  test: {run: &a x, timeout: 1m}\nenv: {B: *a}\n'

const ELF = SHAPES.map(shape =>
  sectionedElf(shape, [
    {name: '.note.gnu.build-id', content: Buffer.from('040000000400000003000000474e550001020304', 'hex'), type: 7},
    {name: '.dynsym', content: Buffer.alloc(48), type: 11},
    {name: '.debug', content: Buffer.alloc(40, 1), flags: 0x800},
    {name: '.text', content: Buffer.from('code')},
  ]),
)

function archives(t: Test): {tar: Buffer; ar: Buffer} {
  const directory = t.testdir({files: {a: 'a', b: {c: 'c'.repeat(600)}}})
  execFileSync('sh', ['-c', 'tar -c --format=pax -f t files && ar crS x files/a files/b/c'], {cwd: directory})
  return {tar: readFileSync(join(directory, 't')), ar: readFileSync(join(directory, 'x'))}
}

/** A library that needs another one, and names the host's directories. */
function linked(t: Test): Buffer {
  const directory = t.testdir({'l.c': 'const char *a = "/usr/lib/x86_64-linux-gnu/a", *b = "in x86_64-linux-gnu";\n'})
  const flags = ['-shared', '-fPIC', '-nostdlib', '-Wl,-rpath,$ORIGIN:/usr/lib/own', '-Wl,--no-as-needed', '-Wl,-z,noseparate-code']
  execFileSync('cc', [...flags, '-s', '-o', 'l.so', 'l.c', '-lc'], {cwd: directory})
  return readFileSync(join(directory, 'l.so'))
}

const SOURCE = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

Source: x (1)
Version: 1:1-1
Architecture: any all
Depends: perlapi-5.36.0
Checksums-Sha256:
 ${'0'.repeat(64)} 5 x_1.tar.gz

-----BEGIN PGP SIGNATURE-----
`

const asText = (read: (text: string) => unknown) => (bytes: Buffer) => read(bytes.toString())

function readElf(bytes: Buffer): void {
  parseElf(bytes)
  isForMachine(bytes, Buffer.from('7f454c46020101000000000000000000', 'hex'))
  const image = parseImage(bytes)
  if (image) {
    buildId(image)
    symbolAddress(image, 'main')
    zlibSections(image)
  }
  const linking = readLinking(bytes)
  if (linking) {
    const holds = () => 'other' as const
    const place = {file: '/usr/bin/x', kind: linking.kind, host: 'x86_64-linux-gnu', triple: 'mips64el-linux-gnuabi64', holds, hidden: []}
    leftOver(bytes, linking, place)
    nameWhatIsThere(Buffer.from(bytes), linking.loaded, place)
  }
  withCpuFeatures(bytes, [{name: 'basic.kind', value: 1n}], X86_64_PROCESSOR)
  withTunables(bytes, {'glibc.cpu.hwcap_mask': 0})
  namesMachine(bytes, 'mips64', X86_64)
}

function readTrace(bytes: Buffer): void {
  const {header, events} = parseTrace(bytes, 'f')
  const spans = buildSpans(events)
  tracePage(
    header,
    makeLedger(header, spans, () => false),
    spans,
  )
}

async function readProject(text: string): Promise<void> {
  projectValues(await parseProject(text, '/p/xbuild-env.yaml'))
}

function readDocument(text: string): void {
  const document = parseConfigDocument(text)
  for (const path of [[], ['a'], ['targets', 1, 'env', 'A'], ['steps', 'test']]) document.position(path, 'key')
}

const text = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))

/** What test programs print, a little of each. */
const PRINTED = {
  pytest:
    '=== test session starts ===\na.py::b FAILED [ 50%]\n___ b ___\nE no\n=== short ===\nFAILED a.py::b - no\n=== 1 failed, 2 passed in 0.1s ===\n',
  cargo:
    '     Running a.rs (x)\ntest b ... FAILED\n---- b stdout ----\nno\nfailures:\ntest result: FAILED. 1 passed; 1 failed; 0 ignored;\n',
  go: '--- FAIL: A (0.00s)\n    --- PASS: A/b (0.00s)\n    a.go:1: no\nFAIL\texample.org/a\t0.1s\n',
  gtest:
    '[==========] Running 1 test.\n[ RUN      ] A.b\n[  FAILED  ] A.b, where x = 1 (0 ms)\n[==========] 1 test from 1 test suite ran.\n[  PASSED  ] 3 tests.\n',
  catch2: `${'-'.repeat(79)}\nA b\n${'-'.repeat(79)}\na.cc:1\n${'.'.repeat(79)}\n\na.cc:2: FAILED:\n  no\n${'='.repeat(79)}\ntest cases: 2 | 1 passed | 1 failed\n`,
  mocha: '  A\n    ✓ b (2ms)\n    1) c\n\n  1 passing (1ms)\n  1 failing\n\n  1) A\n       c:\n     Error: no\n',
  ctest:
    'Test project /p\n    Start 1: a\n1/1 Test #1: a ....***Failed  0.1 sec\nno\n0% tests passed, 1 tests failed out of 1\nTotal Test time (real) = 1 sec\n',
}

/** What reads foreign bytes, and some that it takes. */
export interface Reader {
  samples: readonly Buffer[]
  read: (bytes: Buffer) => unknown
}

/** All that read what others wrote, by what that is. */
export function readersOf(t: Test): Record<string, Reader> {
  const {tar, ar} = archives(t)
  const route = {path: '/usr/bin/sed', twin: 'usr/bin/sed', size: 1, mtime: 2, package: 'sed', match: 'exact', kind: 'program'}
  return {
    tar: {samples: [tar], read: bytes => tarMembers(parseTar(bytes) ?? [])},
    ar: {
      samples: [ar],
      read: bytes => {
        const archive = parseAr(bytes)
        if (archive) arMembers(archive)
        packedFormat(bytes)
      },
    },
    ELF: {samples: [...ELF, linked(t)], read: readElf},
    "dpkg's status": {
      samples: [text(STATUS)],
      read: asText(status => parseStatus(status).sort((a, b) => orderVersions(a.version, b.version))),
    },
    "dpkg's sums": {samples: [text(`${'0'.repeat(32)}  usr/bin/sed\n`)], read: asText(parseSums)},
    'an index of packages': {samples: [text(STATUS)], read: asText(parseIndex)},
    'a source package': {
      samples: [text('Source: x\nBuild-Depends: debhelper (>= 9), a | b [!amd64] <!x>\n')],
      read: asText(text => buildDependencies(text, 'all')),
    },
    'what apt and dpkg say of packages': {
      samples: [
        text(SOURCE),
        text(`${STATUS}\n${SUMS_OF}sed\n${'0'.repeat(32)}  usr/bin/sed\n`),
        text('Types: deb\ndeb [a=b] http://m x y\n'),
      ],
      read: asText(said => [
        parseDsc(said),
        parseChanges(said),
        parseChangelog(said),
        controlArchitectures(said),
        parseComing(said.split('\n')),
        withSourcePackages(['a.list', 'a.sources'].map(name => ({name, text: said}))),
      ]),
    },
    'a record': {samples: [text(EMULATED)], read: asText(record => parseRecord(record, 'mine'))},
    "an archive's header": {
      samples: [encodeHeader({record: EMULATED, size: 7, sha256: '0'.repeat(64)})],
      read: bytes => parseHeader(bytes, 'f'),
    },
    'a trace': {samples: [TRACE], read: readTrace},
    'a configuration': {samples: [text(PROJECT)], read: asText(readProject)},
    YAML: {samples: [text(PROJECT), text('a: &x [*x, {b: !!set {c}}]\n? [d]\n: |\n e')], read: asText(readDocument)},
    'users and groups': {
      samples: [text('root:x:0:0:root:/root:/bin/sh\nme:x:7:7::/:\n\tgroup:x:0:me,root\n')],
      read: asText(users => findUser('root', users, users)),
    },
    'results of tests': {
      samples: [
        text(':test-result: FAIL 1 - x\n'),
        text('Running ./a/b.exp ...\nPASS: x\n'),
        text('1..2\nok 1 - x\nnot ok 2\n'),
        ...Object.values(PRINTED).map(text),
      ],
      read: asText(results => [parseResultFile('a.trs', results), parseResultFile('a.sum', results), parseTestOutput(results)]),
    },
    "labels of ctest's tests": {
      samples: [
        text('set_tests_properties([=[a]=] PROPERTIES  LABELS "x;y")\nset_tests_properties("a" PROPERTIES LABELS x)\nsubdirs("a" b)\n'),
      ],
      read: asText(parseCtestFile),
    },
    'a list of files': {samples: [text('f\x00644\x001\x000:0\x00\x001 2\x00a/b\x00')], read: asText(parseTree)},
    'the state of a view': {samples: [text({format: 1, state: 'idle', seen: {a: null}})], read: asText(parseViewState)},
    "what is kept of a target's last build": {
      samples: [text({format: 1, environment: 'e', mode: 'hybrid', jobs: 1, steps: [{step: 'a', result: 'failed', why: 'x'}]})],
      read: asText(parseLastBuild),
    },
    'a manifest': {samples: [text({artifacts: [{path: 'a/b'}]})], read: asText(parseManifestPaths)},
    routes: {samples: [text(route)], read: asText(line => [isRoute(line), isNoRoute(line)])},
  }
}
