#!/usr/bin/env node
import '../entry/inline.js'
import fs from 'node:fs'
import process from 'node:process'
import { codeOf } from '../errors.js'
import { given } from './arguments.js'
import { commands } from './commands.js'
import { EXIT, Failure, failureOf, misuse } from './failure.js'
import { helpFor, overview } from './help.js'
import { nearest } from './nearest.js'
import { endWithReader, note, say } from './output.js'
import { jsonText, printable } from './printable.js'

/** `my-mimic <command> [directory]`: looks into the directory of a disk store. */

const args = process.argv.slice(2)
const isJson = args.includes('--json')
endWithReader(error => {
  const failure = new Failure('ERR_NO_FILE', EXIT.FAILED, `stdout cannot be written (${codeOf(error)})`)
  return tell(failure, isJson)
})
try {
  process.exitCode = (await run(args)) ?? EXIT.DONE
} catch (error) {
  process.exitCode = tell(error, isJson)
}

/** @param {string[]} args @returns {Promise<number | void>} the exit code */
async function run([name, ...rest]) {
  if (name === undefined) {
    note(overview())
    return EXIT.USAGE
  }
  if (name === '--version' || name === '-v') return say(versionOf())
  if (name === '--help' || name === '-h' || name === 'help') {
    return say(rest[0] === undefined ? overview() : helpFor(commandNamed(rest[0])))
  }
  const command = commandNamed(name)
  const asked = given(rest, command)
  return asked.help ? say(helpFor(command)) : command.run(asked)
}

/** @param {string} name */
function commandNamed(name) {
  const found = commands.find(command => command.name === name)
  if (found !== undefined) return found
  const names = commands.map(command => command.name)
  const near = nearest(name, names)
  throw misuse(
    `there is no command ${printable(name)}`,
    near ? `did you mean ${near}?` : `the commands are ${names.join(', ')}`,
  )
}

/** @param {unknown} error @param {boolean} json @returns {number} the exit code */
function tell(error, json) {
  const { code, exit, message, hint } = failureOf(error)
  if (json) note(jsonText({ error: { code, message, hint } }))
  else {
    note(`my-mimic: ${printable(message)}`)
    if (hint) note(`  ${printable(hint)}`)
  }
  return exit
}

function versionOf() {
  const file = new URL('../../package.json', import.meta.url)
  return JSON.parse(fs.readFileSync(file, 'utf8')).version
}
