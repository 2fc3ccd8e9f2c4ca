// A command as somebody else than root, who may everything: `node as.mjs UID command …`. What it needs is loaded before.
import '../../js/entry/inline.js'
import process from 'node:process'
import { given } from '../../js/cli/arguments.js'
import { commands } from '../../js/cli/commands.js'
import { failureOf } from '../../js/cli/failure.js'
import { hash } from '../../js/entry/inline.js'

const [uid, name, ...args] = process.argv.slice(2)
const command = commands.find(command => command.name === name)
hash('the module is compiled')
if (process.getuid?.() === 0) process.setuid?.(Number(uid))
try {
  process.exitCode = (await command?.run(given(args, command))) ?? 0
} catch (error) {
  const { code, exit, message } = failureOf(error)
  console.error(code, exit, message)
  process.exitCode = 99
}
