/** What somebody may have meant by a misspelt word. */

/** @param {string} word @param {readonly string[]} known @returns {string | undefined} nothing when none is near */
export function nearest(word, known) {
  let best
  let least = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = candidate.startsWith(word) ? 1 : editsBetween(word, candidate)
    if (distance >= least) continue
    least = distance
    best = candidate
  }
  return best
}

const MOST = 8

/** What to do about the name of a function that there is not. @param {string} name @param {readonly string[]} known */
export function hintFor(name, known) {
  const near = nearest(name, known)
  if (near !== undefined) return `did you mean ${near}?`
  if (known.length === 0) return 'there are no entries at all'
  return `there are ${known.slice(0, MOST).join(', ')}${known.length > MOST ? ', …' : ''}`
}

/** Insertions, deletions, replacements and swaps of neighbours. @param {string} a @param {string} b */
function editsBetween(a, b) {
  /** @type {number[][]} */
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1][j - 1] + Number(a[i - 1] !== b[j - 1])
      row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, replaced)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1)
    }
    rows.push(row)
  }
  return rows[a.length][b.length]
}
