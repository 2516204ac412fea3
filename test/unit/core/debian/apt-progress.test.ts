import t from 'tap'
import {afterLine, isOfDownload} from '../../../../lib/core/debian/apt-progress.js'

/** As apt-get 2.6 prints it with --quiet. */
const LINES = [
  'Reading package lists...',
  'Need to get 1,200 kB/40.1 MB of archives.',
  'After this operation, 98.3 MB of additional disk space will be used.',
  'Get:1 http://deb.debian.org/debian bookworm/main mips64el m4 mips64el 1.4.19-3 [300 kB]',
  'Get:2 http://deb.debian.org/debian bookworm/main mips64el sed mips64el 4.9-1 [600 kB]',
  'Fetched 900 kB in 0s (3,456 kB/s)',
]

t.test('a download is told in bytes, of those that are not there yet', async t => {
  const none = {got: 0, all: 0}
  t.same(LINES.reduce(afterLine, none), {got: 900_000, all: 1_200_000})
  t.same(afterLine(none, 'Need to get 3.5 GB of archives.'), {got: 0, all: 3_500_000_000})
  t.same(afterLine({got: 5, all: 5}, LINES[3] as string), {got: 5, all: 5}, 'not more than there is to get')
})

t.test('lines of it are known from those that tell of mistakes', async t => {
  t.same(LINES.map(isOfDownload), [false, true, false, true, true, false])
  t.notOk(isOfDownload('E: Failed to fetch http://deb.debian.org/x.deb  404  Not Found [IP: 1.2.3.4 80]'))
})
