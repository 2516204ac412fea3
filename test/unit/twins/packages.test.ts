import {execFileSync} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {ARCHIVES, readExtracted} from '../../../lib/twins/packages.js'

const FIELDS = {Maintainer: 'Nobody <nobody@example.org>', Description: 'nothing', Architecture: 'all'}

/** Makes a package without files, among the archives of a tree. */
function makeArchive(tree: string, fields: Record<string, string>): void {
  const content = join(tree, 'content', fields.Package ?? '')
  const control = Object.entries({...FIELDS, ...fields}).map(([name, value]) => `${name}: ${value}\n`)
  mkdirSync(join(content, 'DEBIAN'), {recursive: true})
  writeFileSync(join(content, 'DEBIAN/control'), control.join(''))
  mkdirSync(join(tree, ARCHIVES), {recursive: true})
  execFileSync('dpkg-deb', ['--build', content, join(tree, ARCHIVES)], {stdio: 'ignore'})
}

t.test('a package that is extracted, not installed, is known with its source, by which its twin is found', async t => {
  const tree = t.testdir({})
  makeArchive(tree, {Package: 'perl-base', Version: '5.36.0-7', Source: 'perl'})
  makeArchive(tree, {Package: 'bash', Version: '1:5.2.15-2+b13', Source: 'bash (5.2.15-2)'})
  makeArchive(tree, {Package: 'sed', Version: '4.9-1'})
  makeArchive(tree, {Package: 'unwanted', Version: '1'})
  const packages = await readExtracted(tree, name => name !== 'unwanted')
  t.same([...packages.keys()].sort(), ['bash', 'perl-base', 'sed'])
  t.match(packages.get('perl-base'), {version: '5.36.0-7', source: 'perl', sourceVersion: '5.36.0-7'})
  t.match(packages.get('bash'), {version: '1:5.2.15-2+b13', source: 'bash', sourceVersion: '5.2.15-2'})
  t.match(packages.get('sed'), {source: 'sed', sourceVersion: '4.9-1'})
})
