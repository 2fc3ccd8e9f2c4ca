import { BYTE_KINDS, TEXT_KINDS } from './build.mjs'

/** Changes one small thing in the recipe of a call: the kind of change that a careless key does not see. */

const value = v => ({ k: 'value', value: v })

/** Every place in a recipe that holds a node, as [holder, key]. */
function places(call) {
  const found = []
  const visit = (holder, key) => {
    const node = holder[key]
    found.push([holder, key])
    for (const list of [node.pairs, node.extra]) for (const pair of list ?? []) visit(pair, 1)
    node.items?.forEach((_, i) => {
      visit(node.items, i)
    })
    for (const entry of node.entries ?? []) {
      visit(entry, 0)
      visit(entry, 1)
    }
    for (const part of ['of', 'content', 'cause', 'errors']) if (node[part]?.k) visit(node, part)
  }
  call.args.forEach((_, i) => {
    visit(call.args, i)
  })
  return found
}

function otherPrimitive(v, random) {
  if (Object.is(v, 0)) return -0
  if (Object.is(v, -0)) return 0
  if (v === undefined) return random.pick([null, 'undefined', false, NaN])
  if (v === null) return random.pick([undefined, 'null', 0, ''])
  if (typeof v === 'boolean') return random.pick([Number(v), String(v), !v, BigInt(v)])
  if (typeof v === 'bigint') return random.pick([v + 1n, -v, String(v), Number(v), v * 2n ** 64n])
  if (typeof v === 'number') {
    if (Number.isInteger(v)) return random.pick([String(v), BigInt(v), v + 1, -v, v + 2 ** 32, v === 1])
    return random.pick([String(v), 0, null, undefined, v * 2])
  }
  if (v === '') return random.pick(['\0', null, undefined, 0, 'a', false])
  const at = random.int(v.length)
  return random.pick([
    `${v}\0`,
    v.slice(1),
    v.slice(0, at) + random.pick(['b', '\0', '\u0100', '\ud800', '\ufffd']) + v.slice(at + 1),
    v.slice(at) + v.slice(0, at),
    Number.isNaN(Number(v)) ? null : Number(v),
  ])
}

/** Moves the border between two neighbouring strings: 'a', 'bc' becomes 'ab', 'c'. */
function moveBorder(list, i, random) {
  const left = list[i]
  const right = list[i + 1]
  if (typeof left?.value !== 'string' || typeof right?.value !== 'string') return false
  const both = left.value + right.value
  const at = random.int(both.length + 1)
  list[i] = value(both.slice(0, at))
  list[i + 1] = value(both.slice(at))
  return true
}

function mutatePairs(pairs, random, cook) {
  const at = random.int(pairs.length + 1)
  if (at === pairs.length) {
    if (!pairs.some(([key]) => key === 'zz'))
      pairs.push(['zz', random.oneIn(2) ? value(undefined) : cook.leaf()])
  } else if (random.oneIn(2)) pairs.splice(at, 1)
  else if (typeof pairs[at][0] === 'string' && !pairs.some(([key]) => key === `${pairs[at][0]}\0`)) {
    pairs[at][0] = `${pairs[at][0]}\0`
  } else pairs[at][1] = cook.leaf()
}

function mutateList(list, random, cook) {
  const at = random.int(list.length)
  switch (random.int(6)) {
    case 0:
      list.splice(at, 1)
      break
    case 1:
      list.splice(at, 0, random.pick([value(undefined), { k: 'hole' }, cook.leaf()]))
      break
    case 2:
      list.reverse()
      break
    case 3:
      // [1, 2] becomes [[1], 2], [[1, 2]] or [1, [2]].
      list.splice(at, 1, { k: 'array', items: list.slice(at, at + 1) })
      break
    case 4:
      if (list[at]?.k === 'array') list.splice(at, 1, ...list[at].items)
      else list.splice(at, 0, value(null))
      break
    default:
      if (!moveBorder(list, at, random)) list[at] = cook.leaf()
  }
}

function mutateNode(holder, key, random, cook) {
  const node = holder[key]
  switch (node.k) {
    case 'value':
      holder[key] = random.oneIn(6)
        ? { k: 'boxed', value: node.value ?? 0 }
        : value(otherPrimitive(node.value, random))
      break
    case 'object':
      mutatePairs(node.pairs, random, cook)
      break
    case 'array':
      if (node.extra?.length > 0 && random.oneIn(3)) mutatePairs(node.extra, random, cook)
      else if (random.oneIn(5)) node.short = (node.short ?? 0) + 1
      else mutateList(node.items, random, cook)
      break
    case 'map':
      if (random.oneIn(2)) node.entries.reverse()
      else holder[key] = { k: 'set', items: node.entries.flat(), extra: node.extra }
      break
    case 'set':
      if (random.oneIn(2)) node.items.reverse()
      else holder[key] = { k: 'array', items: node.items, extra: node.extra }
      break
    case 'bytes':
      if (random.oneIn(2)) node.kind = random.pick(BYTE_KINDS)
      else if (node.bytes.length > 0) node.bytes[random.int(node.bytes.length)] ^= 1
      break
    case 'text':
      node.kind = random.pick(TEXT_KINDS)
      break
    case 'error':
      if (random.oneIn(2)) node.message = node.message === undefined ? '' : undefined
      else node.cause = node.cause === undefined ? value(undefined) : undefined
      break
    case 'keyed':
      node.type = (node.type + 1) % 3
      break
    case 'deep':
      node.n += random.oneIn(2) ? 1 : 64
      break
    case 'up':
      node.n++
      break
    case 'twice':
      holder[key] = { k: 'array', items: [node.of, random.oneIn(2) ? node.of : cook.leaf()] }
      break
    case 'date':
      node.time = Number.isNaN(node.time) ? 0 : node.time - 1
      break
    case 'regexp':
      if (random.oneIn(2)) node.flags = node.flags.includes('g') ? '' : 'g'
      else node.source += 'x'
      break
    default:
      holder[key] = random.oneIn(3)
        ? random.pick([{ k: 'hole' }, value(undefined), value(null)])
        : cook.leaf()
  }
}

/** A call near to this one; sometimes it is the same call said in another way. */
export function mutate(call, random, cook) {
  const copy = structuredClone(call)
  const found = places(copy)
  const which = random.int(10)
  if (which === 0) copy.self = copy.self === 0 ? 1 : 0
  else if (which < 3 || found.length === 0) mutateList(copy.args, random, cook)
  else {
    const [holder, key] = random.pick(found)
    mutateNode(holder, key, random, cook)
  }
  for (let i = 0; i < copy.args.length; i++) if (copy.args[i].k === 'hole') copy.args[i] = value(undefined)
  return copy
}
