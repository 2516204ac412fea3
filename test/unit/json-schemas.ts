import {join} from 'node:path'
import ts from 'typescript'
import {JSON_VERSIONS, type JsonOutputs} from '../../lib/cli/json-outputs.js'
import {schemaFile} from './json-schema-files.js'
import {PROJECT} from './sources.js'

/** The schemas as they are written, by their files. */
export function schemaTexts(): Map<string, string> {
  return new Map(
    [...outputSchemas()].map(([name, schema]) => {
      const version = JSON_VERSIONS[name as keyof JsonOutputs]
      const head = {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: `xbuild-env:${name.replaceAll(' ', '-')}:${version}`,
        title: name,
      }
      return [schemaFile(name), `${JSON.stringify({...head, ...schema}, null, 2)}\n`]
    }),
  )
}

/** A JSON schema, as far as the types of outputs need one: https://json-schema.org/draft/2020-12/json-schema-core */
export type Schema = Record<string, unknown>

/** The schemas of what commands print, made of the types that they print: by the members of `JsonOutputs`. */
export function outputSchemas(): Map<string, Schema> {
  const file = join(PROJECT, 'lib/cli/json-outputs.ts')
  const program = ts.createProgram([file], {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    typeRoots: [join(PROJECT, 'node_modules/@types')],
    skipLibCheck: true,
  })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const declared = source?.statements.find(
    (one): one is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(one) && one.name.text === 'JsonOutputs',
  )
  if (!source || !declared) throw new Error(`${file} declares no JsonOutputs`)
  const reader = new TypeReader(checker, source)
  const members = checker.getPropertiesOfType(checker.getTypeAtLocation(declared))
  return new Map(members.map(member => [member.name, reader.schemaOfMember(member)]))
}

/** Turns types into schemas. */
class TypeReader {
  readonly #checker: ts.TypeChecker
  readonly #source: ts.SourceFile

  constructor(checker: ts.TypeChecker, source: ts.SourceFile) {
    this.#checker = checker
    this.#source = source
  }

  /** With what its documentation says. */
  schemaOfMember(member: ts.Symbol): Schema {
    const text = ts.displayPartsToString(member.getDocumentationComment(this.#checker)).replace(/\s+/g, ' ').trim()
    return {...(text === '' ? {} : {description: text}), ...this.#schemaOf(this.#checker.getTypeOfSymbolAtLocation(member, this.#source))}
  }

  #schemaOf(type: ts.Type): Schema {
    if (type.isUnion()) return this.#unionOf(type.types.filter(one => !(one.flags & ts.TypeFlags.Undefined)))
    if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return {}
    if (type.isStringLiteral() || type.isNumberLiteral()) return {const: type.value}
    if (type.flags & ts.TypeFlags.BooleanLiteral) return {const: this.#checker.typeToString(type) === 'true'}
    if (type.flags & ts.TypeFlags.StringLike) return {type: 'string'}
    if (type.flags & ts.TypeFlags.NumberLike) return {type: 'number'}
    if (type.flags & ts.TypeFlags.BooleanLike) return {type: 'boolean'}
    if (type.flags & ts.TypeFlags.Null) return {type: 'null'}
    if (this.#checker.isArrayType(type))
      return {type: 'array', items: this.#schemaOf(this.#checker.getTypeArguments(type as ts.TypeReference)[0] as ts.Type)}
    if (this.#checker.isTupleType(type)) return this.#tupleOf(type as ts.TypeReference)
    return this.#objectOf(type)
  }

  #tupleOf(type: ts.TypeReference): Schema {
    const items = this.#checker.getTypeArguments(type).map(one => this.#schemaOf(one))
    return {type: 'array', prefixItems: items, minItems: items.length, items: false}
  }

  #unionOf(types: readonly ts.Type[]): Schema {
    const schemas = types.map(one => this.#schemaOf(one))
    const [first, ...others] = schemas
    if (first && others.length === 0) return first
    const values = schemas.map(({const: value}) => value)
    if (values.every(value => value === true || value === false)) return {type: 'boolean'}
    return values.every(value => value !== undefined) ? {enum: values} : {anyOf: schemas}
  }

  /** What may be undefined is left out of JSON. Others may be added within a version: no reader may take them for mistakes. */
  #objectOf(type: ts.Type): Schema {
    const index = type.getStringIndexType()
    const members = this.#checker.getPropertiesOfType(type).filter(member => !(member.flags & ts.SymbolFlags.Method))
    const isOptional = (member: ts.Symbol) => {
      if (member.flags & ts.SymbolFlags.Optional) return true
      const own = this.#checker.getTypeOfSymbolAtLocation(member, this.#source)
      return own.isUnion() ? own.types.some(one => one.flags & ts.TypeFlags.Undefined) : Boolean(own.flags & ts.TypeFlags.Undefined)
    }
    const required = members.filter(member => !isOptional(member)).map(({name}) => name)
    return {
      type: 'object',
      ...(members.length > 0 ? {properties: Object.fromEntries(members.map(member => [member.name, this.schemaOfMember(member)]))} : {}),
      ...(required.length > 0 ? {required} : {}),
      ...(index ? {additionalProperties: this.#schemaOf(index)} : {}),
    }
  }
}
