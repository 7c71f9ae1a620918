// Runs a client of examples/clients/javascript, unmodified, once for each case.
//
//     run.mjs NAME CASES
//
// CASES is a JSON list of objects: the environment variables of each case. Prints one line of JSON a case:
// {"ok": true, "token" or "answer"} or {"ok": false, "type": …} with the fields of the client's own error.

const [name, cases] = process.argv.slice(2)
const client = await import(new URL(`../../examples/clients/javascript/${name}.mjs`, import.meta.url))
for (const variables of JSON.parse(cases)) {
  Object.assign(process.env, variables)
  console.log(JSON.stringify(await outcome()))
}
// Sockets that a client keeps open, and the stream of an MCP session, are of no use any more.
process.exit()

async function outcome() {
  try {
    return client.call ? { ok: true, answer: await client.call() } : { ok: true, token: await client.token() }
  } catch (error) {
    return describe(error)
  }
}

/** Its class, its text, and what it tells by name. */
function describe(error) {
  const told = Object.entries(error).filter(([, value]) => ['string', 'number'].includes(typeof value))
  const fields = Object.fromEntries(told)
  return { ...fields, ok: false, type: error.constructor.name, text: error.message, because: error.cause?.message }
}
