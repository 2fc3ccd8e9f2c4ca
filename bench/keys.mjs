// npm run bench:keys: the way of a hit beside a Map with the obvious key, hash() beside object-hash and ohash, and what they aim at. `floor` is the
// part of it that nothing can do without: see lib/floors.mjs.
import { hasHash, keys } from './cases/keys.mjs'
import { printAims } from './lib/aims.mjs'
import { main } from './lib/main.mjs'

function print(results) {
  printAims(results)
  if (!hasHash)
    console.log(
      '\nhash() is not exported by this version: its aims (10× object-hash, 4× ohash) were not measured.',
    )
}

await main(import.meta.url, keys, print)
