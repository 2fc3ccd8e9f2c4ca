/** For runtimes with a command line: the outcome as the last line of the output. */

import { readFileSync } from 'node:fs'
import * as lib from '../../js/entry/inline.js'
import { exercise } from './vectors.js'

const golden = JSON.parse(readFileSync(new URL('../vectors/keys.json', import.meta.url), 'utf8'))
console.log(JSON.stringify(await exercise(golden, lib)))
