// A child process that asks one package about the pairs from one index on, one answer a message. Whatever a package does, it does it here.
import { pairs } from './pairs.mjs'
import { peers } from './peers.mjs'

const [name, from] = process.argv.slice(2)
const peer = peers.find(candidate => candidate.name === name)
const { wrap, hash } = await peer.load()

/** @returns {Promise<boolean>} whether the package takes the second call for the first */
async function isSame(first, second) {
  if (hash) return hash(first()) === hash(second())
  let runs = 0
  const memoized = wrap((..._) => ++runs)
  await memoized(...first())
  await memoized(...second())
  return runs === 1
}

async function verdict({ a, b, same, oneWay }) {
  const wrong = same ? 'false miss' : 'false hit'
  try {
    if ((await isSame(a, b)) !== same) return wrong
    return oneWay || (await isSame(b, a)) === same ? 'right' : wrong
  } catch {
    return 'throws'
  }
}

process.on('unhandledRejection', () => {})
for (const pair of pairs.slice(Number(from))) process.send(await verdict(pair))
process.exit(0)
