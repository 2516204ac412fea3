import t from 'tap'
import {parseStanzas} from '../../../../lib/core/debian/deb822.js'

const fields = (text: string) => parseStanzas(text).map(stanza => Object.fromEntries(stanza))

t.test('stanzas are divided by empty lines, fields go on in indented ones, comments are left out', async t => {
  const text = 'Source: bc\n# a comment\nBuild-Depends: flex,\n# another\n bison,\n\ted\n\n \nPackage: dc\nArchitecture: any\n'
  t.same(fields(text), [
    {source: 'bc', 'build-depends': 'flex,\nbison,\ned'},
    {package: 'dc', architecture: 'any'},
  ])
})

t.test('names of fields are the same in any case, and what is no field is passed over', async t => {
  t.same(fields('SOURCE: x\nno field\n -: y\n'), [{source: 'x\n-: y'}])
  t.same(fields('\n\n   goes on with nothing\n'), [])
})

t.test('of what is signed, only that counts', async t => {
  const signed = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

Source: bc
- -dash: escaped

-----BEGIN PGP SIGNATURE-----

Version: of the signature
-----END PGP SIGNATURE-----
`
  t.same(fields(signed), [{source: 'bc'}])
})
