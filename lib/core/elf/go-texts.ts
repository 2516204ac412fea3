import type {ProgramImage} from './image.js'

/** A text of Go in data: its address, and so many bytes behind that its length. It may lie in a longer one, and begin others. */
const LENGTH_AT = 8

/** Where a whole text is named in data of a program of Go's that is not position-independent. */
export const goTextUses = (image: ProgramImage, text: string): number[] =>
  image
    .placesOf(Buffer.from(text))
    .flatMap(address => image.pointers(address))
    .filter(use => image.pointerAt(use + LENGTH_AT) === text.length)

/** Makes data name another text in these places. Throws NotAsExpected where there is no room for it. */
export function setGoTexts(image: ProgramImage, uses: readonly number[], text: string): void {
  const address = goTextAddress(image, text)
  for (const use of uses) {
    image.setPointer(use, address)
    image.setPointer(use + LENGTH_AT, text.length)
  }
}

/** Where a text lies, anywhere in another: it is written where nothing is if it does not. */
export const goTextAddress = (image: ProgramImage, text: string): number => image.placesOf(Buffer.from(text))[0] ?? image.addText(text)
