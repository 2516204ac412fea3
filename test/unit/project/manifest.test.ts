import {mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import t from 'tap'
import {describeArtifacts, parseManifestPaths} from '../../../lib/project/manifest.js'
import {placeOf, projectAt, step} from './projects.js'

const STATUS = 'var/lib/dpkg/status'

function writeStatus(layer: string, packages: Record<string, string>): void {
  mkdirSync(dirname(join(layer, STATUS)), {recursive: true})
  const stanzas = Object.entries(packages).map(([name, version]) => `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\n`)
  writeFileSync(join(layer, STATUS), stanzas.join('\n'))
}

t.test('a manifest says what was built, of which scripts, and with which packages: those that this build has installed too', async t => {
  const directory = t.testdir({})
  const project = projectAt('/p', {steps: [step('configure', {run: './configure'}), step('build', {run: 'make'})]})
  const place = placeOf(directory, project)
  const {store, record, paths} = place
  const layers = {root: store.rootTree(record.root), layer: store.layerTree(record.layers[0] as string)}
  const upper = {own: store.environment(record.name).upper, changes: paths.changes.upper}
  for (const path of [...Object.values(layers), ...Object.values(upper)]) mkdirSync(path, {recursive: true})
  writeStatus(layers.root, {libc6: '1'})
  const artifacts = [{path: 'hello', size: 1, sha256: '00'}]
  t.same(describeArtifacts(place, artifacts), {
    target: 'arm64',
    profile: 'arm64',
    suite: 'bookworm',
    mode: 'hybrid',
    environment: {name: 'arm64-1', key: 'key-of-the-environment', packages: {libc6: '1'}},
    steps: [
      {name: 'configure', run: './configure'},
      {name: 'build', run: 'make'},
    ],
    artifacts,
  })
  writeStatus(layers.layer, {libc6: '2'})
  t.same(describeArtifacts(place, []).environment.packages, {libc6: '2'})
  writeStatus(upper.own, {libc6: '3'})
  t.same(describeArtifacts(place, []).environment.packages, {libc6: '3'})
  writeStatus(upper.changes, {libc6: '3', zlib1g: '4'})
  t.same(describeArtifacts(place, []).environment.packages, {libc6: '3', zlib1g: '4'})
})

t.test('the paths of a manifest are read back, and none that leads elsewhere', async t => {
  const paths = ['hello', 'lib/a.so', '..file', '../outside', '/etc/passwd', 'a/../../b', 'a//b', './a', 'a/', '', 'nul\0', 7, null]
  t.same(parseManifestPaths(JSON.stringify({artifacts: [...paths.map(path => ({path})), 'hello', null]})), ['hello', 'lib/a.so', '..file'])
})

t.test('whatever is no manifest names no path', async t => {
  for (const text of ['', 'null', '7', '[]', '"text"', '{}', '{"artifacts": 7}', '{"artifacts": {"path": "a"}}', '{"artifacts": [']) {
    t.same(parseManifestPaths(text), [], text)
  }
})
