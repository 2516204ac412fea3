import t from 'tap'
import {type Meaning, meaningOf, type TextPlace} from '../../../../lib/core/twins/known-texts.js'

const HOST = 'x86_64-linux-gnu'
const LIBRARIES = `/usr/lib/${HOST}`

const place = (file: string, kind: TextPlace['kind']): TextPlace => ({
  file,
  kind,
  host: HOST,
  triple: 'mips64el-linux-gnuabi64',
  holds: path =>
    path === `${LIBRARIES}/security/` || path === `${LIBRARIES}/gawk` ? 'libraries' : path === `${LIBRARIES}/gettext` ? 'other' : 'nothing',
})

/** Of a program and of a library that nothing more is known of. */
const PROGRAM = place('/usr/bin/program', 'program')
const LIBRARY = place(`${LIBRARIES}/libany.so.1`, 'library')

const CASES: readonly (readonly [what: string, text: string, place: TextPlace, meaning: Meaning])[] = [
  ['a directory of modules that the twin set has', `/lib/${HOST}/security/`, LIBRARY, 'shown'],
  ['a program’s own modules', `${LIBRARIES}/gawk`, PROGRAM, 'shown'],
  ['a directory of helper programs', `${LIBRARIES}/gettext`, PROGRAM, 'target'],
  ['a directory of data', `${LIBRARIES}/gettext`, LIBRARY, 'target'],
  ['where a program looks for libraries to link', LIBRARIES, PROGRAM, 'target'],
  ['where a library looks for anything', LIBRARIES, LIBRARY, 'unknown'],
  ['the local directory of libraries', `/usr/local/lib/${HOST}`, PROGRAM, 'target'],
  ['what the twin set has nothing of', `${LIBRARIES}/unheard-of`, LIBRARY, 'unknown'],
  ['what only begins like the directory', `${LIBRARIES}32/x`, PROGRAM, 'unknown'],
  ['one of several directories', `/etc:${LIBRARIES}/gawk`, PROGRAM, 'unknown'],
  ['several, of which it is the first', `${LIBRARIES}/gawk:/usr/lib/gawk`, PROGRAM, 'unknown'],
  ['a sentence', `built for ${HOST}`, PROGRAM, 'unknown'],
  ['the name of a source', `./obj-${HOST}/include/filter.h`, LIBRARY, 'harmless'],
  ['anything in a program without a loader', `${LIBRARIES}/gawk`, place('/usr/bin/program', 'static'), 'unknown'],
  ['modules that are known, of which there is none', `${LIBRARIES}/gss/`, place(`${LIBRARIES}/libgssapi_krb5.so.2.2`, 'library'), 'shown'],
  ['the same text elsewhere', `${LIBRARIES}/gss/`, LIBRARY, 'unknown'],
  ['a list of directories that is known', `/etc/sasl2:${LIBRARIES}/sasl2`, place(`${LIBRARIES}/libsasl2.so.2.0.25`, 'library'), 'target'],
  [
    'how the compiler was configured',
    `../src/configure -v --build=${HOST}`,
    place('/usr/bin/mips64el-linux-gnuabi64-gcc-12', 'program'),
    'harmless',
  ],
  ['the same of another program', `../src/configure -v --build=${HOST}`, PROGRAM, 'unknown'],
  ['what perl’s prelude answers for', `${LIBRARIES}/perl/5.36`, place('/usr/bin/perl5.36.0', 'program'), 'harmless'],
]

for (const [what, text, where, meaning] of CASES) t.test(`${what}: ${meaning}`, async t => t.equal(meaningOf(text, where), meaning))
