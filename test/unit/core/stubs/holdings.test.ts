import t from 'tap'
import {parseContents} from '../../../../lib/core/stubs/holdings.js'

t.test('an archive’s list of contents says of each package what kinds of files it has', async t => {
  const found = parseContents([
    'bin/sed                                                 utils/sed',
    'usr/bin/with space                                      contrib/utils/odd',
    'usr/include/zlib.h                                      libdevel/zlib1g-dev',
    'usr/lib/x86_64-linux-gnu/libz.so                        libdevel/zlib1g-dev',
    'usr/lib/x86_64-linux-gnu/libnss_a.so                    libs/a',
    'usr/lib/x86_64-linux-gnu/perl5/5.36/auto/A/A.so         perl/liba-perl',
    'usr/share/doc/sed/copyright                             utils/sed',
    'usr/sbin/shared                                         admin/one,net/two',
    '',
  ])
  t.same(
    [...found].map(([name, holds]) => [name, Object.entries(holds).flatMap(([kind, has]) => (has ? [kind] : []))]),
    [
      ['sed', ['programs']],
      ['odd', ['programs']],
      ['zlib1g-dev', ['libraries']],
      ['a', ['libraries']],
      ['liba-perl', ['modules']],
      ['one', ['programs']],
      ['two', ['programs']],
    ],
  )
})
