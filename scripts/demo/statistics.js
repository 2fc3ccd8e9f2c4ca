import { parse } from '@babel/parser'

/**
 * The sync function of the demo: parses a text and counts what is in it.
 *
 * @typedef {object} Statistics
 * @property {number} lines
 * @property {number} functions
 * @property {number} classes
 * @property {number} imports
 * @property {number} exports
 * @property {number} branches
 * @property {number} depth deepest nesting of blocks
 * @property {{ name: string, line: number, lines: number } | undefined} longest function
 * @property {string | undefined} error why the text does not parse
 */

const BRANCHES = new Set([
  'IfStatement',
  'ConditionalExpression',
  'SwitchCase',
  'CatchClause',
  'LogicalExpression',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
])
const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ObjectMethod',
  'ClassMethod',
  'ClassPrivateMethod',
])
const CLASSES = new Set(['ClassDeclaration', 'ClassExpression'])
const EXPORTS = new Set(['ExportNamedDeclaration', 'ExportDefaultDeclaration', 'ExportAllDeclaration'])
const BLOCKS = new Set(['BlockStatement', 'SwitchStatement', 'ClassBody', 'ObjectExpression'])

const PLUGINS = {
  js: ['jsx', 'decorators'],
  jsx: ['jsx', 'decorators'],
  ts: ['typescript', 'decorators'],
  tsx: ['typescript', 'jsx', 'decorators'],
  'd.ts': [['typescript', { dts: true }], 'decorators'],
}

/**
 * @param {string} text
 * @param {keyof typeof PLUGINS} dialect
 * @returns {Statistics}
 */
export function statistics(text, dialect) {
  /** @type {Statistics} */
  const found = {
    lines: text.split('\n').length,
    functions: 0,
    classes: 0,
    imports: 0,
    exports: 0,
    branches: 0,
    depth: 0,
    longest: undefined,
    error: undefined,
  }
  try {
    const tree = parse(text, {
      sourceType: 'unambiguous',
      allowReturnOutsideFunction: true,
      allowUndeclaredExports: true,
      plugins: /** @type {any} */ (PLUGINS[dialect]),
    })
    count(tree.program, found)
  } catch (error) {
    found.error = /** @type {Error} */ (error).message
  }
  return found
}

/** Walks the tree without recursion: a text may nest as deeply as it likes. @param {any} program @param {Statistics} found */
function count(program, found) {
  const waiting = [{ node: program, name: '', depth: 0 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node } = next
    const { type } = node
    const depth = next.depth + (BLOCKS.has(type) ? 1 : 0)
    found.depth = Math.max(found.depth, depth)
    if (FUNCTIONS.has(type)) countFunction(node, next.name, found)
    else if (BRANCHES.has(type)) found.branches++
    else if (CLASSES.has(type)) found.classes++
    else if (type === 'ImportDeclaration' || type === 'ImportExpression' || isRequire(node)) found.imports++
    else if (EXPORTS.has(type)) found.exports++
    const name =
      node.id?.name ??
      node.key?.name ??
      (type === 'AssignmentExpression' ? node.left.property?.name : undefined)
    for (const child of childrenOf(node)) waiting.push({ node: child, name: name ?? '', depth })
  }
}

/** @param {any} node */
function childrenOf(node) {
  const children = []
  for (const key in node) {
    const value = node[key]
    if (value === null || typeof value !== 'object') continue
    if (Array.isArray(value)) {
      for (const item of value) if (typeof item?.type === 'string' && item.loc) children.push(item)
    } else if (typeof value.type === 'string' && value.loc && !key.endsWith('Comments')) children.push(value)
  }
  return children
}

/** @param {any} node @param {string} given what its parent calls it @param {Statistics} found */
function countFunction(node, given, found) {
  found.functions++
  const lines = node.loc.end.line - node.loc.start.line + 1
  if (found.longest !== undefined && found.longest.lines >= lines) return
  found.longest = {
    name: node.id?.name ?? node.key?.name ?? (given || 'anonymous'),
    line: node.loc.start.line,
    lines,
  }
}

/** @param {any} node */
function isRequire(node) {
  return node.type === 'CallExpression' && (node.callee.name === 'require' || node.callee.type === 'Import')
}
