import {pathPattern} from './route.js'

/**
 * What becomes of a text with one of the host's directories:
 *   shown     the session shows that directory of the twin set, below its private one: the text names it there
 *   target    the target's own program has the target's directory in its place: so has the twin
 *   harmless  it has no effect
 *   unknown   nobody has said: whoever has it is no twin
 */
export type Meaning = 'shown' | 'target' | 'harmless' | 'unknown'

interface KnownText {
  /** Patterns for paths in the twin set; `{host}` and `{triple}` stand for the host's and the target's triple. */
  files: readonly string[]
  /** Patterns for texts; `*` stands for anything. */
  texts: readonly string[]
  meaning: Exclude<Meaning, 'unknown'>
}

const ANY = '*'
const LIBRARIES = '/usr/lib/{host}'

/** What a twin set does not show by itself. The first that fits counts. */
const KNOWN: readonly KnownText[] = [
  // Preludes give perl and python the target's directories, and answer for it.
  {files: ['/usr/bin/perl', '/usr/bin/perl5.*', `${LIBRARIES}/libperl.so.*`], texts: [ANY], meaning: 'harmless'},
  {
    files: ['/usr/bin/python3.*', `${LIBRARIES}/libpython3.*`],
    texts: ['{host}', '.cpython-*-{host}.so', '.abi3-{host}.so'],
    meaning: 'harmless',
  },
  // clang/lib/Driver/ToolChains/Gnu.cpp, GCCInstallationDetector: what gcc and its directories may be called, in a clang of any machine.
  {
    files: ['/usr/lib/llvm-*/lib/libclang-cpp.so.*', `${LIBRARIES}/libclang-cpp.so.*`, `${LIBRARIES}/libclang-*.so.*`],
    texts: ['{host}', '{host}x32', '/gcc-cross', 'gcc-cross/'],
    meaning: 'harmless',
  },
  // llvm/tools/llvm-ifs/llvm-ifs.cpp, of --target's help.
  {files: ['/usr/lib/llvm-*/bin/llvm-ifs'], texts: ['Specify the target triple, e.g. {host}'], meaning: 'harmless'},
  // glib/libcharset/localcharset.c, GLIB_CHARSETALIAS_DIR: of a file charset.alias, which no system with this C library has.
  {files: [`${LIBRARIES}/libglib-2.0.so.*`], texts: ['/usr/lib/*-{host}*'], meaning: 'harmless'},
  // For which machine it was made: what it goes by where it is given no program. Its kind makes it the target's.
  {files: ['/usr/bin/gdb-multiarch'], texts: ['{host}'], meaning: 'harmless'},
  // How a compiler was configured: said with -v and the like, which are emulated (profiles/twins/gcc.json).
  {files: ['/usr/bin/{triple}-*'], texts: ['../src/configure -v *'], meaning: 'harmless'},
  {
    files: ['/usr/lib/gcc-cross/{triple}/*/*', '/usr/libexec/gcc-cross/{triple}/*/*'],
    texts: ['../src/configure -v *'],
    meaning: 'harmless',
  },
  // gcc/gcc.cc, process_command: what the end of GCC_EXEC_PREFIX is compared with, to find the installation's own directory
  // in it, from which names of files are made anew (gcc/prefix.cc, update_path): either way the same ones.
  {files: ['/usr/bin/{triple}-*'], texts: ['gcc-cross'], meaning: 'harmless'},
  // ld.so: what $LIB in a search path stands for; no library of Debian's has that.
  {files: [`${LIBRARIES}/ld-*.so*`], texts: ['lib/{host}'], meaning: 'harmless'},
  // crypto/cversion.c: printed by "openssl version", which is no twin.
  {files: [`${LIBRARIES}/libcrypto.so.*`], texts: ['ENGINESDIR: "*"', 'MODULESDIR: "*"'], meaning: 'harmless'},
  // Directories of modules, of which a twin set need not have any.
  {files: [`${LIBRARIES}/libcrypto.so.*`], texts: [`${LIBRARIES}/engines-*`, `${LIBRARIES}/ossl-modules`], meaning: 'shown'},
  {files: [`${LIBRARIES}/libkrb5.so.*`], texts: [LIBRARIES, `${LIBRARIES}/krb5/plugins*`], meaning: 'shown'},
  {files: [`${LIBRARIES}/libgssapi_krb5.so.*`], texts: [`${LIBRARIES}/gss/`], meaning: 'shown'},
  {files: [`${LIBRARIES}/libp11-kit.so.*`], texts: [`${LIBRARIES}/pkcs11`], meaning: 'shown'},
  {files: [`${LIBRARIES}/libsasl2.so.*`], texts: [`${LIBRARIES}/sasl2`], meaning: 'shown'},
  {files: [`${LIBRARIES}/libxslt.so.*`], texts: [`${LIBRARIES}/libxslt-plugins`], meaning: 'shown'},
  // Where their configuration may lie, beside /etc.
  {files: [`${LIBRARIES}/libsasl2.so.*`], texts: ['/etc/sasl2:*'], meaning: 'target'},
  // sd-path(3): answers to who asks for the directory of libraries.
  {files: [`${LIBRARIES}/libsystemd.so.*`], texts: [LIBRARIES, '.local/lib/{host}'], meaning: 'target'},
  // Where programs for C# and what they convert with lie, if the root has any: they are run by the root's own.
  {files: ['/usr/bin/msgfmt', '/usr/bin/msgunfmt'], texts: [`${LIBRARIES}/gettext`], meaning: 'target'},
  // GnuPG's own helpers, which gpgv has the directory of, and calls none.
  {files: ['/usr/bin/gpgv'], texts: [`${LIBRARIES}/gnupg`], meaning: 'target'},
]

export interface TextPlace {
  /** Of the program or library, in the twin set. */
  file: string
  kind: 'program' | 'static' | 'library'
  /** The host's triple. */
  host: string
  /** The target's. */
  triple: string
  /** What the twin set has at a path: a directory that has libraries anywhere in it, or one of those; or else something, or nothing. */
  holds: (path: string) => 'libraries' | 'other' | 'nothing'
}

/** A source's name, as assertions print it. */
const SOURCE = /^[^/\s]\S*\.(c|cc|cpp|h|hh|hpp)$/

/** Decides a whole text with the host's triple in it. */
export function meaningOf(text: string, place: TextPlace): Meaning {
  const known = KNOWN.find(
    ({files, texts}) => files.some(file => fileFits(place, file)) && texts.some(known => textFits(place, known, text)),
  )
  if (known) return known.meaning
  if (place.kind === 'static') return 'unknown' // it has a loader of its own built in
  if (SOURCE.test(text)) return 'harmless'
  const directory = /^(\/usr)?(\/local)?\/lib\//.exec(text)
  const rest =
    directory && text.slice(directory[0].length).startsWith(place.host) ? text.slice(directory[0].length + place.host.length) : undefined
  if (rest === undefined || /^[^/]|[:\s%]/.test(rest)) return 'unknown'
  if (directory?.[2] !== undefined) return 'target' // nothing of a twin set's
  // Where a program looks for libraries to link, or for a file beside them.
  if (rest.replaceAll('/', '') === '') return place.kind === 'program' ? 'target' : 'unknown'
  switch (place.holds(`/usr/lib/${place.host}${rest}`)) {
    case 'libraries':
      return 'shown'
    case 'other':
      return 'target' // programs and data are the root's
    case 'nothing':
      return 'unknown'
  }
}

const fileFits = ({file, host, triple}: TextPlace, pattern: string) => pathPattern(pattern.replaceAll('{host}', host), triple).test(file)

function textFits({host, triple}: TextPlace, pattern: string, text: string): boolean {
  const filled = pattern.replaceAll('{host}', host).replaceAll('{triple}', triple)
  return new RegExp(`^${filled.replace(/[.+?^$()|[\]\\{}]/g, '\\$&').replaceAll('*', '.*')}$`, 's').test(text)
}
