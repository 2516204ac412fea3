import t from 'tap'
import {afterLine, BEGINNING, describeMaking} from '../../../../lib/core/debian/making.js'

/** What is said after each of the lines. */
function said(lines: readonly string[]): string[] {
  let making = BEGINNING
  return lines.map(line => {
    making = afterLine(making, line)
    return describeMaking(making)
  })
}

t.test('of what mmdebstrap says of itself, its phase is told, and how much is downloaded', async t => {
  t.equal(describeMaking(BEGINNING), 'beginning')
  t.same(
    said([
      'I: running apt-get update...',
      'I: running --extract-hook directly: /usr/share/mmdebstrap/hooks/merged-usr/extract00.sh /root',
      'I: downloading packages with apt...',
      'Need to get 40.0 MB of archives.',
      'Get:1 http://deb.debian.org/debian bookworm/main s390x bash s390x 5.2 [10.0 MB]',
      'I: extracting archives...',
    ]),
    [
      "reading the archive's index",
      "reading the archive's index",
      'downloading',
      'downloading, 0 of 40 MB (0 %)',
      'downloading, 10 of 40 MB (25 %)',
      'unpacking, 10 of 40 MB (25 %)',
    ],
  )
})

t.test('of what apt-get installs, the packages that are set up are counted', async t => {
  t.same(
    said([
      'Reading package lists...',
      '0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.',
      'Need to get 1,000 kB of archives.',
      'Get:1 http://deb.debian.org/debian bookworm/main s390x m4 s390x 1.4.19-3 [1,000 kB]',
      'Selecting previously unselected package m4.',
      'Setting up m4 (1.4.19-3) ...',
      'Setting up autoconf (2.71-3) ...',
      'Processing triggers for libc-bin (2.36-9) ...',
    ]),
    [
      "reading the archive's index",
      "reading the archive's index",
      'downloading, 0 of 1 MB (0 %)',
      'downloaded 1 MB',
      'unpacking',
      'setting up, 1 of 2 packages',
      'setting up, 2 of 2 packages',
      'running triggers, 2 of 2 packages',
    ],
  )
})

t.test('what apt-get says in each of its calls takes nobody back to the index', async t => {
  t.same(
    said([
      'I: running apt-get update...',
      'downloading twins',
      'Reading package lists...',
      'Need to get 1,000 kB of archives.',
      'Get:1 http://deb.debian.org/debian bookworm/main amd64 m4 amd64 1.4.19-3 [1,000 kB]',
      'Reading package lists...',
      'unpacking the other twins',
    ]),
    [
      "reading the archive's index",
      'downloading',
      'downloading',
      'downloading, 0 of 1 MB (0 %)',
      'downloaded 1 MB',
      'downloaded 1 MB',
      'adapting',
    ],
  )
})
