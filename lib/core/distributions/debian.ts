import type {Distribution} from './distribution.js'

export const DEBIAN: Distribution = {
  label: 'Debian',
  keys: {
    package: 'debian-archive-keyring',
    // One file for each suite, beside the one that has all: debian-archive-<suite>-stable.gpg or .pgp.
    isWhole: file => /^debian-archive-keyring\.[gp]+$/.test(file),
    suiteOf: file => /^debian-archive-(\w+)-stable\.\w+$/.exec(file)?.[1],
  },
  mirror: () => 'http://deb.debian.org/debian',
  // mmdebstrap knows the suites of Debian, with their updates and security updates.
  sources: ({mirror}) => (mirror === undefined ? [] : [mirror]),
  fileSearch: (suite, name) =>
    `https://packages.debian.org/search?searchon=contents&mode=exactfilename&suite=${suite}&keywords=${encodeURIComponent(name)}`,
  // A stable update's suffix: Debian Developer's Reference 5.5.1, `+debNuM` and `~debNuM`.
  withoutUpdate: version => version.replace(/[+~]deb\d+u\d+$/, ''),
}
