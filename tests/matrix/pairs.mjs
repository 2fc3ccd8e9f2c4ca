import { arrays } from './arrays.mjs'
import { builtins } from './builtins.mjs'
import { binaries } from './bytes.mjs'
import { calls } from './calls.mjs'
import { graphs } from './graphs.mjs'
import { hostile } from './hostile.mjs'
import { identities } from './identities.mjs'
import { objects } from './objects.mjs'
import { primitives } from './primitives.mjs'
import { signals } from './signals.mjs'
import { strings } from './strings.mjs'
import { texts } from './texts.mjs'

/** Pairs of calls, and whether they are the same call; Temporal and Float16Array only where the runtime has them. */
export const pairs = [
  ...calls,
  ...primitives,
  ...strings,
  ...objects,
  ...arrays,
  ...builtins,
  ...binaries,
  ...texts,
  ...identities,
  ...graphs,
  ...hostile,
  ...signals,
]
