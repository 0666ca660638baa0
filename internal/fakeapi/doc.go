// Package fakeapi is a Block Users API in memory, served over HTTP: what 360dialog offers for WhatsApp business
// numbers, for acceptance tests, the demo and benchmarks. A [Server] is one number with its key and its list. A request
// for [HealthPath] tells which number that is. A [Hub] serves several servers at one address, by their keys.
//
// It is strict about what it is sent and flexible about what it answers. Requests that break the contract are rejected
// and kept as violations; answers follow a [ResponseFormat], which can show every form the real service is known or suspected to
// use. [Rules] say what the API allows, and faults ([Server.Inject]) break single requests on purpose.
//
// A user may have a number, a WhatsApp ID and a business-scoped user ID (Meta). All names of one user lead to one entry
// of the list: [Options].WaIDs, [Options].UserIDs and [Server.UserID] tell which names belong together. A user may also
// be known by user ID alone, and [Server.Hide] withholds a number that the list has shown before. [Variants2026] has
// the responses in which user IDs show.
//
// No one could call the real service while this was written. Doc comments therefore say where a fact comes from:
// "360dialog" for its OpenAPI description and docs, "Meta" for Meta's guides and published OpenAPI, "seen" for
// samples and code of public clients, "guess" for inference.
package fakeapi
