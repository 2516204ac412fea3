import type {JsonOutputs} from './json-outputs.js'
import {printJson} from './output.js'

/** Prints what a command prints with --json: what docs/schemas says of it, since that is made of the same types. */
export const printAs = <Name extends keyof JsonOutputs>(_name: Name, value: JsonOutputs[Name]): void => printJson(value)
