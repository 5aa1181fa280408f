import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from '@swc/core'

/** One import of a source file: what it names, and whether only the type checker sees it. */
export interface Import {
  readonly from: string
  readonly typeOnly: boolean
}

/** One source file under src; `path` is relative to src, with slashes. */
export interface Source {
  readonly path: string
  readonly lines: number
  readonly imports: readonly Import[]
  /** Whether it only passes on what other files export. */
  readonly isBarrel: boolean
}

/** Every .ts file below `folder`, parsed. */
export function readSources(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
    .map((path) => parseSource(path, readFileSync(join(folder, path), 'utf8')))
}

/** What the house needs to know of one file. */
export function parseSource(path: string, text: string): Source {
  const { body } = parseSync(text, { syntax: 'typescript', target: 'es2022' })
  return {
    path,
    lines: text.split('\n').length - 1,
    imports: importsOf(body),
    isBarrel: body.length > 0 && body.every((statement) => passesOn(statement as unknown as Node)),
  }
}

interface Node {
  readonly type: string
  readonly source?: Node | null
  readonly value?: unknown
  readonly typeOnly?: boolean
  readonly [key: string]: unknown
}

function passesOn({ type, source }: Node): boolean {
  return type === 'ImportDeclaration' || type === 'ExportAllDeclaration' || (type === 'ExportNamedDeclaration' && source != null)
}

/** Walks the whole tree: `import()` and `import('…')` types stand anywhere. */
function importsOf(tree: unknown): Import[] {
  if (Array.isArray(tree)) return tree.flatMap(importsOf)
  if (tree === null || typeof tree !== 'object') return []
  const node = tree as Node
  const own = ownImport(node)
  return [...(own === undefined ? [] : [own]), ...Object.values(node).flatMap(importsOf)]
}

function ownImport(node: Node): Import | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return node.source ? { from: String(node.source.value), typeOnly: node.typeOnly === true } : undefined
    case 'TsImportType':
      return { from: String((node['argument'] as Node).value), typeOnly: true }
    case 'TsExternalModuleReference':
      return { from: String((node['expression'] as Node).value), typeOnly: false }
    case 'CallExpression':
      return calledImport(node)
    default:
      return undefined
  }
}

/** `import('x')` and `require('x')`; a name that is worked out at run time shows as '?', which no rule allows. */
function calledImport(node: Node): Import | undefined {
  const callee = node['callee'] as Node
  if (callee.type !== 'Import' && !(callee.type === 'Identifier' && callee.value === 'require')) return undefined
  const argument = (node['arguments'] as { expression: Node }[])[0]?.expression
  return { from: argument?.type === 'StringLiteral' ? String(argument.value) : '?', typeOnly: false }
}
