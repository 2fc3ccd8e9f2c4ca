import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync as babel } from '@babel/core'
import { transformSync as esbuild } from 'esbuild'

const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))

/**
 * Who compiles decorators, in which of the two forms. Each takes the sources by name and writes modules for Node into a folder.
 * @typedef {{ name: string, form: 'standard' | 'legacy', compile: (sources: Record<string, string>, folder: string) => void }} Compiler
 * @type {Compiler[]}
 */
export const compilers = [
  { name: 'TypeScript', form: 'standard', compile: typescript(false) },
  { name: 'TypeScript, experimentalDecorators', form: 'legacy', compile: typescript(true) }, // biome-ignore format: one line
  { name: 'Babel 2023-11', form: 'standard', compile: each(withBabel({ version: '2023-11' })) },
  { name: 'Babel legacy', form: 'legacy', compile: each(withBabel({ version: 'legacy' })) },
  { name: 'esbuild', form: 'standard', compile: each(withEsbuild(false)) },
  { name: 'esbuild, experimentalDecorators', form: 'legacy', compile: each(withEsbuild(true)) },
]

/** @param {boolean} experimentalDecorators @returns {Compiler['compile']} */
function typescript(experimentalDecorators) {
  const compilerOptions = {
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    outDir: '.',
    rootDir: 'src',
    noCheck: true,
    experimentalDecorators,
  }
  return (sources, folder) => {
    mkdirSync(join(folder, 'src'))
    for (const [name, source] of Object.entries(sources)) {
      writeFileSync(join(folder, 'src', `${name}.ts`), source)
    }
    const files = Object.keys(sources).map(name => `src/${name}.ts`)
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
    execFileSync(process.execPath, [tsc, '--project', folder], { stdio: 'pipe', encoding: 'utf8' })
  }
}

/** @param {(source: string) => string} transform @returns {Compiler['compile']} */
function each(transform) {
  return (sources, folder) => {
    for (const [name, source] of Object.entries(sources)) {
      writeFileSync(join(folder, `${name}.js`), transform(source))
    }
  }
}

/** @param {{ version: string }} options */
function withBabel(options) {
  const plugins = [['@babel/plugin-proposal-decorators', options]]
  const root = fileURLToPath(new URL('../..', import.meta.url))
  /** @param {string} source */
  return source => babel(source, { plugins, cwd: root, babelrc: false, configFile: false }).code
}

/** @param {boolean} experimentalDecorators */
function withEsbuild(experimentalDecorators) {
  const tsconfigRaw = { compilerOptions: { experimentalDecorators } }
  /** @param {string} source */
  return source => esbuild(source, { loader: 'ts', target: 'es2022', tsconfigRaw }).code
}
