import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import type {EnvironmentRecord} from '../../../lib/environment/record.js'
import {Store} from '../../../lib/environment/store.js'
import {checkPackages} from '../../../lib/packages/place.js'
import type {HeldPlace} from '../../../lib/session/place.js'
import {refusal} from '../refusal.js'

const RECORD: EnvironmentRecord = {
  format: 1,
  programs: 'emulated',
  name: 'example',
  profile: 'mips64el',
  suite: 'bookworm',
  created: '2026-01-02T03:04:05.000Z',
  root: 'root',
  layers: [],
  twins: 'twins',
  elf: {magic: '7f', mask: 'ff'},
  endian: 'little',
  triple: 'mips64el-linux-gnuabi64',
}

/** An environment whose root has one package, and whose sessions installed another. */
function place(data: string): HeldPlace {
  const store = new Store(data)
  const write = (tree: string, packages: readonly string[]) => {
    mkdirSync(join(tree, 'var/lib/dpkg'), {recursive: true})
    const stanzas = packages.map(name => `Package: ${name}\nStatus: install ok installed\nArchitecture: mips64el\nVersion: 1\n`)
    writeFileSync(join(tree, 'var/lib/dpkg/status'), stanzas.join('\n'))
  }
  write(store.rootTree(RECORD.root), ['dash'])
  write(store.environment(RECORD.name).upper, ['dash', 'make'])
  return {store, record: RECORD, binfmt: undefined, locks: []}
}

t.test('packages count that the root has or that a session installed', async t => {
  await checkPackages(place(t.testdir()), ['dash', 'make'])
})

t.test('packages that are missing are named, with the command that installs them', async t => {
  await t.rejects(
    checkPackages(place(t.testdir()), ['make', 'cmake', 'libfoo-dev']),
    refusal('missing-package', {
      message: 'environment "example" lacks cmake, libfoo-dev',
      hint: /^xbuild-env install example cmake libfoo-dev; or let --prepare /,
    }),
  )
})
