import {readdirSync, renameSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {copyOf, runInBothModes, sameInBothModes} from './both-modes.js'
import {PROFILE, scratch, xbuild} from './rig.js'
import {find, traced} from './traced.js'

/** An environment of the test's own, with Go: 400 MB. */
const NAME = 'go'
const MODULE = fileURLToPath(new URL('go/', import.meta.url))
const TOOLS = '/usr/lib/go-1.19/pkg/tool/linux_mips64le'

t.before(async () => {
  await xbuild(['create', PROFILE, '--name', NAME])
  const installed = await xbuild(['install', NAME, 'golang-go'])
  t.equal(installed.exitCode, 0, installed.stderr)
})
t.teardown(() => xbuild(['remove', NAME]))

/** A module with a part in C, ready to be built. */
function module(): string {
  const work = copyOf(MODULE, scratch(t))
  renameSync(join(work, 'go.mod.txt'), join(work, 'go.mod'))
  return work
}

t.test('a twin set has Go’s tools, and not the standard library of the host', async t => {
  const {twinTree, routing} = JSON.parse((await xbuild(['info', NAME, '--json'])).stdout)
  const routed = (routing.routes as {path: string}[]).map(({path}) => path)
  for (const name of ['asm', 'cgo', 'compile', 'link', 'vet']) t.ok(routed.includes(`${TOOLS}/${name}`), name)
  t.notOk(routed.includes(`${TOOLS}/dist`), 'it tells of the machine')
  t.same(readdirSync(join(twinTree, 'usr/lib/go-1.19/pkg')).sort(), ['include', 'tool'])
})

t.test('a module with a part in C comes out the same in both modes, and Go says the same of itself', async t => {
  const work = module()
  const both = await runInBothModes(t, NAME, ['./build.sh'], work)
  sameInBothModes(t, both)
  t.match(both.hybrid.get('ran'), '{"arch":"mips64le","status":200,"sum":7}')
  t.match(both.hybrid.get('says'), /^GOHOSTARCH="mips64le"$/m)
})

t.test('a tool is native where it is told to compile for the root’s machine, and nowhere else', async t => {
  const compile = `${TOOLS}/compile -V`
  const {spans} = await traced(t, `${compile}; GOARCH=arm64 ${compile}; GOARCH=mips64le ${compile}; GOARCH=mips64le ${TOOLS}/link -V`, [], {
    environment: NAME,
  })
  const outcomes = (name: string) => find(spans, name).map(({outcome}) => (outcome.kind === 'variable' ? outcome.variable : outcome.kind))
  t.same(outcomes('compile'), ['GOARCH=mips64le', 'GOARCH=mips64le', 'routed'])
  t.same(outcomes('link'), ['routed'])
})

t.test('most of a build’s programs are Go’s tools, and run native', async t => {
  const {spans, result} = await traced(t, 'HOME=/nonexistent GOCACHE=/tmp/cache go build -o /tmp/program .', [], {
    environment: NAME,
    cwd: module(),
  })
  t.equal(result.exitCode, 0, result.stderr)
  for (const name of ['compile', 'link', 'cgo'])
    t.ok(
      find(spans, name).every(({outcome}) => outcome.kind === 'routed'),
      name,
    )
})
