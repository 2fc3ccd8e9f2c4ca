/** The two questions to a browser's page. */

import * as lib from '../../js/entry/inline.js'
import { exercise, remember } from './vectors.js'

export async function vectors() {
  const golden = await fetch(new URL('../vectors/keys.json', import.meta.url))
  return exercise(await golden.json(), lib)
}

export const store = () => remember(lib)
