import {readFileSync} from 'node:fs'
import t from 'tap'
import {
  ACTIVATOR_FD,
  OWN_TABLE,
  OWN_TABLE_SIZE,
  PRELUDES_DIRECTORY,
  PYTHON_PRELUDE,
  ROUTES_FD,
  SOCKET,
  TABLE_FILE,
  TRACE_FD,
  TRACE_FIFO,
  TWINS_FD,
} from '../../../lib/core/places.js'

/** The numbers and strings that a C header defines; strings that are written side by side are one. */
function defines(text: string): Map<string, string | number> {
  const found = new Map<string, string | number>()
  for (const [, name = '', value = ''] of text.matchAll(/^#define (PLACE_\w+) +(.+?) *(?:\/\*.*)?$/gm)) {
    const strings = [...value.matchAll(/"([^"]*)"/g)].map(match => match[1] ?? '')
    found.set(name, strings.length > 0 ? strings.join('') : Number(value))
  }
  return found
}

t.test('shims/places.h says the same as lib/core/places.ts', async t => {
  const header = readFileSync(new URL('../../../shims/places.h', import.meta.url), 'utf8')
  t.same(Object.fromEntries(defines(header)), {
    PLACE_ROUTES_FD: ROUTES_FD,
    PLACE_TWINS_FD: TWINS_FD,
    PLACE_ACTIVATOR_FD: ACTIVATOR_FD,
    PLACE_INIT_ROUTES: `/proc/1/fd/${ROUTES_FD}`,
    PLACE_INIT_TWINS: `/proc/1/fd/${TWINS_FD}`,
    PLACE_OWN_FDS: '/proc/self/fd/',
    PLACE_TABLE: TABLE_FILE,
    PLACE_SOCKET: SOCKET,
    PLACE_TRACE_FD: TRACE_FD,
    PLACE_INIT_TRACE: `/proc/1/fd/${TRACE_FD}`,
    PLACE_TRACE: TRACE_FIFO,
    PLACE_PYTHON_PRELUDE: `${PRELUDES_DIRECTORY}/${PYTHON_PRELUDE}`,
    PLACE_OWN_TABLE: OWN_TABLE,
    PLACE_OWN_TABLE_SIZE: OWN_TABLE_SIZE,
  })
})

t.test('no place is defined in a way that this test cannot read', async t => {
  const header = readFileSync(new URL('../../../shims/places.h', import.meta.url), 'utf8')
  t.equal(defines(header).size, header.match(/^#define PLACE_/gm)?.length)
  for (const value of defines(header).values()) t.notOk(Number.isNaN(value))
})
