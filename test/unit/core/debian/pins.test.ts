import t from 'tap'
import {parseIndex, preferences} from '../../../../lib/core/debian/pins.js'

const INDEX = `Package: perl
Source: perl (5.36.0-7)
Version: 5.36.0-7+b1
Description: Larry Wall's
 Version: not a field

Package: sed
Version: 4.9-1
`

const host = (...packages: [name: string, version: string][]) =>
  packages.map(([name, version]) => ({name, version, sourceVersion: version}))

t.test('an index is a list of packages, the last of which may lack an empty line behind it', async t => {
  t.same(parseIndex(INDEX), [
    {name: 'perl', version: '5.36.0-7+b1', sourceVersion: '5.36.0-7'},
    {name: 'sed', version: '4.9-1', sourceVersion: '4.9-1'},
  ])
  t.same(parseIndex(''), [])
})

t.test("where the target lacks an update, the host's older version is preferred", async t => {
  const text = preferences(host(['perl', '5.36.0-7+deb12u4'], ['perl', '5.36.0-7+deb12u3']), host(['perl', '5.36.0-7+deb12u3']))
  t.equal(text, 'Package: perl\nPin: version 5.36.0-7+deb12u3\nPin-Priority: 1001\n')
})

t.test('a rebuild of the host is preferred by its own version, for the source that it is of', async t => {
  const rebuilt = {name: 'bash', version: '5.2-2+b8', sourceVersion: '5.2-2'}
  const text = preferences([rebuilt, ...host(['bash', '5.2-3'])], [{name: 'bash', version: '5.2-2+b1', sourceVersion: '5.2-2'}])
  t.match(text, /^Pin: version 5\.2-2\+b8$/m)
})

t.test("nothing is preferred where both have the same, and where the host has not the target's version or not the package", async t => {
  t.equal(preferences(host(['sed', '4.9-1']), host(['sed', '4.9-1'])), '')
  t.equal(preferences(host(['sed', '4.9-2']), host(['sed', '4.9-1'])), '')
  t.equal(preferences(host(['sed', '4.9-1']), host(['grep', '3.8-5'])), '')
})

t.test("of several versions, the target's newest counts", async t => {
  const text = preferences(host(['x', '1.10'], ['x', '1.9'], ['x', '2.0']), host(['x', '1.9'], ['x', '1.10']))
  t.match(text, /^Pin: version 1\.10$/m)
})
