import t from 'tap'
import {relatedNames, withinReach} from '../../../../lib/core/stubs/reach.js'

const packages = new Map(
  Object.entries({
    debhelper: 'Package: debhelper\nDepends: dh-autoreconf (>= 17~), perl:any | perl-none, po-debconf',
    'dh-autoreconf': 'Package: dh-autoreconf\nPre-Depends: autoconf\nRecommends: unasked',
    autoconf: 'Package: autoconf\nDepends: m4',
    m4: 'Package: m4',
    'perl-none': 'Package: perl-none',
    mawk: 'Package: mawk\nProvides: awk',
    gawk: 'Package: gawk\nProvides: awk (= 1), other\nDepends: m4',
    unasked: 'Package: unasked\nDepends: debhelper',
  }).map(([name, control]) => [name, {control}]),
)

t.test('what an installation may bring: all that is depended on, each alternative, and whoever provides it', t => {
  const reach = (...names: string[]) => [...withinReach(names, packages)].sort()
  t.same(reach('debhelper'), ['autoconf', 'debhelper', 'dh-autoreconf', 'm4', 'perl-none'])
  t.same(reach('awk'), ['gawk', 'm4', 'mawk'])
  t.same(reach('nowhere'), [])
  t.end()
})

t.test('names of relations, over several lines, with versions, architectures and profiles', t => {
  const field = 'debhelper-compat (= 13),\n libfoo-dev [linux-any] <!nocheck> | libbar-dev:any,\n \x24{misc:Depends}'
  t.same(relatedNames(field), ['debhelper-compat', 'libfoo-dev', 'libbar-dev'])
  t.end()
})
