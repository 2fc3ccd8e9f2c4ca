// A child process that asks one package about one scenario. Whatever the package does, it does it here.
import { peers } from './peers.mjs'
import { verdict } from './run.mjs'
import { scenarios } from './scenarios.mjs'

const [name, index] = process.argv.slice(2)
const scenario = scenarios[Number(index)]
scenario.prepare?.()
const peer = peers.find(candidate => candidate.name === name)
// A scenario about them listens itself.
process.on('unhandledRejection', () => {})
// Who asks ends this process.
process.send(await verdict(scenario, await peer.load()))
