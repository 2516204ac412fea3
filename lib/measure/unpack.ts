import {promisify} from 'node:util'
import {gunzip, inflate} from 'node:zlib'
import {arMembers, type Content, type PackedFormat, packedFormat, tarMembers} from '../core/compare/content.js'
import type {Leaf} from '../core/compare/leaks.js'
import {parseAr} from '../core/debian/ar.js'
import {parseTar} from '../core/debian/tar.js'
import {parseImage, zlibSections} from '../core/elf/sections.js'
import {XbuildError} from '../core/errors.js'
import {runFilter} from '../host/run.js'

/** Archives in archives: a .deb is an ar archive of compressed tar archives. */
const DEPTH = 6
/** Bytes. What is longer when it is unpacked is taken as it is. */
const LIMIT = 2 ** 30

async function readPlain(bytes: Buffer): Promise<Content> {
  const image = parseImage(bytes)
  if (!image) return {kind: 'plain', bytes}
  const sections: Leaf[] = []
  for (const {name, compressed} of zlibSections(image)) {
    const unpacked = await promisify(inflate)(compressed, {maxOutputLength: LIMIT}).catch(() => undefined)
    if (unpacked) sections.push({place: `section ${name}`, bytes: unpacked})
  }
  return {kind: 'plain', bytes, sections}
}

/** What a file holds, as deep as its format is known. What cannot be unpacked is compared as it is. */
export async function readContent(bytes: Buffer, depth = DEPTH): Promise<Content> {
  const format = packedFormat(bytes)
  if (format === undefined || depth === 0) return readPlain(bytes)
  switch (format) {
    case 'tar': {
      const entries = parseTar(bytes)
      if (!entries) return readPlain(bytes)
      const contents = await Promise.all(entries.map(entry => readContent(entry.content, depth - 1)))
      const members = tarMembers(entries).map((member, i) => ({...member, content: contents[i]}))
      return {kind: 'packed', format, bytes, attributes: '', members}
    }
    case 'ar':
    case 'thin ar': {
      const archive = parseAr(bytes)
      if (!archive) return readPlain(bytes)
      const contents = await Promise.all(archive.members.map(member => member.content && readContent(member.content, depth - 1)))
      const members = arMembers(archive).map((member, i) => ({...member, content: contents[i]}))
      return {kind: 'packed', format, bytes, attributes: archive.symbols, members}
    }
    default: {
      const unpacked = await decompress(format, bytes)
      if (!unpacked) return readPlain(bytes)
      const content = await readContent(unpacked, depth - 1)
      // RFC 1952: flags, time, extra flags and system; xz, bzip2 and zstd say nothing of the file.
      const attributes = format === 'gzip' ? bytes.toString('hex', 3, 10) : ''
      return {kind: 'packed', format, bytes, attributes, members: [{name: format, attributes: '', size: unpacked.length, content}]}
    }
  }
}

/** undefined where it is damaged, too long, or nothing of the host can unpack it. */
async function decompress(format: Exclude<PackedFormat, 'tar' | 'ar' | 'thin ar'>, bytes: Buffer): Promise<Buffer | undefined> {
  if (format === 'gzip') return promisify(gunzip)(bytes, {maxOutputLength: LIMIT}).catch(() => undefined)
  return runFilter(format, ['-dc'], bytes, LIMIT).catch(error => {
    if (error instanceof XbuildError && error.reason === 'missing-program') return undefined
    throw error
  })
}
