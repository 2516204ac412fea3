import t from 'tap'
import {parseBuildCheck} from '../../../../lib/core/bulk/build-check.js'
import {withoutRepeated} from '../../../../lib/core/debian/deb822.js'

const OUTPUT = `output-version: 1.2
native-architecture: mips64el
report:
 -
  package: aac-tactics
  version: 8.17.0-1
  status: broken
  reasons:
   -
    missing:
     pkg:
      package: aac-tactics
      version: 8.17.0-1
      unsat-dependency: coq:mips64el (>= 8.16)
 -
  package: appstream-generator
  version: 0.9.0-1
  status: broken
  reasons:
   -
    missing:
     pkg:
      package: dh-dlang
      version: 0.6.0
      unsat-dependency: ldc:mips64el
     depchains:
      -
       depchain:
        -
         package: appstream-generator
         version: 0.9.0-1
 -
  package: other
  version: 1
  status: broken
  reasons:
   -
    conflict:
     pkg1:
      package: one
      unsat-conflict: two:mips64el
     pkg2:
      package: two

binary-packages: 95641
source-packages: 34305
broken-packages: 430
`

t.test('what dose-builddebcheck says of those that are asked about', async t => {
  const found = parseBuildCheck(OUTPUT, new Set(['aac-tactics', 'appstream-generator', 'other', 'hello']))
  t.same(
    [...found],
    [
      ['aac-tactics', 'there is no coq:mips64el (>= 8.16)'],
      ['appstream-generator', 'there is no ldc:mips64el, which dh-dlang needs'],
      ['other', 'it needs both one and two, of which one excludes the other'],
    ],
  )
  t.same([...parseBuildCheck(OUTPUT, new Set(['hello']))], [])
})

t.test('what suites repeat is there once', async t => {
  const stanza = (version: string, architecture = 'any') => `Package: a\nVersion: ${version}\nArchitecture: ${architecture}\n`
  const index = [stanza('1'), stanza('2'), stanza('1'), stanza('1', 'all')].join('\n')
  t.equal(withoutRepeated(index), [stanza('1'), stanza('2'), stanza('1', 'all')].join('\n'))
})
