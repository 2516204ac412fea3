import t from 'tap'
import {askedFamilies, askingFiles, isRunTimeModule, lackingModules} from '../../../../lib/core/twins/run-time-modules.js'

t.test('what a file may load follows from what it imports and from the libraries that it needs', async t => {
  for (const name of ['getpwnam', 'getgrgid_r', 'initgroups', 'getaddrinfo', 'getservbyport_r', 'glob', 'getlogin_r'])
    t.same(askedFamilies([], ['open', name]), ['NSS'], name)
  for (const name of ['getpid', 'getpwnames', 'globfree', 'gethostname', 'getprotocol', 'getgroups'])
    t.same(askedFamilies([], [name]), [], name)
  t.same(askedFamilies(['libc.so.6', 'libpam.so.0'], ['getpwuid']), ['NSS', 'PAM'])
})

t.test('a program may load what its libraries load', async t => {
  const file = (asks: readonly string[], ...libraries: string[]) => ({asks, libraries})
  const found = askingFiles(
    new Map([
      ['/bin/none', file([], '/lib/c')],
      ['/bin/far', file([], '/lib/a')],
      ['/bin/both', file(['PAM'], '/lib/b', '/lib/none')],
      ['/lib/a', file([], '/lib/b')],
      ['/lib/b', file(['NSS'], '/lib/a')],
      ['/lib/c', file([])],
    ]),
  )
  t.same(Object.fromEntries([...found].map(([path, families]) => [path, [...families].sort()])), {
    '/bin/far': ['NSS'],
    '/bin/both': ['NSS', 'PAM'],
    '/lib/a': ['NSS'],
    '/lib/b': ['NSS'],
  })
})

t.test('of the root’s modules, those are lacking that the twin set does not have', async t => {
  const root: Record<string, readonly string[]> = {
    '/usr/lib/TRIPLE/': ['libnss_compat.so.2', 'libnss_extrausers.so.2', 'libnss_files-2.36.so', 'libz.so.1'],
    '/usr/lib/TRIPLE/security/': ['pam_unix.so', 'pam_filter'],
    '/usr/local/lib/security/': ['pam_own.so'],
  }
  const lacking = (...there: string[]) =>
    Object.fromEntries(
      lackingModules(
        ['/usr/lib/TRIPLE', '/usr/local/lib'],
        directory => root[directory] ?? [],
        path => there.includes(path),
      ),
    )
  t.same(lacking('libnss_compat.so.2', 'security/pam_unix.so'), {
    NSS: '/usr/lib/TRIPLE/libnss_extrausers.so.2',
    PAM: '/usr/local/lib/security/pam_own.so',
  })
  t.same(lacking('libnss_compat.so.2', 'libnss_extrausers.so.2', 'security/pam_unix.so', 'security/pam_own.so'), {})
})

t.test('modules are known by their names and places', async t => {
  for (const path of ['libnss_systemd.so.2', 'security/pam_cap.so', 'sasl2/libplain.so', 'krb5/plugins/tls/k5tls.so', 'pkcs11/a.so'])
    t.ok(isRunTimeModule(`/usr/lib/TRIPLE/${path}`), path)
  for (const path of ['libnss3.so', 'security.so', 'sasl2/libplain.so.2', 'insecurity/pam_cap.so', 'gconv/BIG5.so'])
    t.notOk(isRunTimeModule(`/usr/lib/TRIPLE/${path}`), path)
})
