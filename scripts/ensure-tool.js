// Finds a program that the tests need, and installs it where that can be done without asking anybody.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * @typedef {object} Tool
 * @property {string} name what a person calls it
 * @property {string} variable environment variable that names the program outright
 * @property {string[]} candidates absolute paths, or names to look for in PATH
 * @property {string[]} packages Debian packages that bring it
 */

/** The path of the program; throws one clear sentence when it is missing and cannot be installed. @param {Tool} tool */
export function ensureTool(tool) {
  const named = process.env[tool.variable]
  if (named) {
    if (isProgram(named)) return named
    throw new Error(`${tool.variable} is set to ${named}, which is not a program.`)
  }
  const found = findTool(tool)
  if (found) return found

  const command = `apt-get update && apt-get install -y --no-install-recommends ${tool.packages.join(' ')}`
  if (!mayInstall()) {
    throw new Error(
      `${tool.name} is missing: set ${tool.variable} to its path, or install it (Debian: \`${command}\`).`,
    )
  }
  console.error(`${tool.name} is missing, installing it: ${command}`)
  apt('update')
  apt('install', '-y', '--no-install-recommends', ...tool.packages)
  const installed = findTool(tool)
  if (!installed) throw new Error(`${tool.name} is still missing after \`${command}\`.`)
  return installed
}

/** @param {Tool} tool */
export function findTool(tool) {
  return tool.candidates.flatMap(inPath).find(isProgram)
}

/** @param {string} candidate */
function inPath(candidate) {
  if (candidate.startsWith('/')) return [candidate]
  return (process.env.PATH ?? '').split(delimiter).map(folder => join(folder, candidate))
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function mayInstall() {
  return process.getuid?.() === 0 && inPath('apt-get').some(isProgram)
}

/** @param {string[]} args */
function apt(...args) {
  const { status } = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    // The package list and its progress are noise; warnings and errors are not.
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 15 * 60_000,
  })
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed.`)
}
