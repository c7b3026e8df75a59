// Reads AsyncAPI documents as the tools of their users do, and prints what these find in each.
//
// On standard input is a JSON list of documents, each a text; on standard output, for each, the list
// of what was found: its severity, the rule, the place and the words.

import { readFileSync } from 'node:fs'

import { Parser } from '@asyncapi/parser'

const SEVERITIES = ['error', 'warning', 'information', 'hint']

const parser = new Parser()
const found = []
for (const text of JSON.parse(readFileSync(0, 'utf8'))) {
  const { diagnostics } = await parser.parse(text)
  found.push(
    diagnostics.map(({ severity, code, path, message }) => [
      SEVERITIES[severity],
      String(code),
      path.join('/'),
      message,
    ]),
  )
}
console.log(JSON.stringify(found))
