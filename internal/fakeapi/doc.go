// Package fakeapi is a Block Users API in memory, served over HTTP: what 360dialog offers for WhatsApp business
// numbers, for acceptance tests, the demo and benchmarks. A [Server] is one channel. A [Hub] serves several of them at
// one address, by their keys.
//
// It is strict about requests and flexible about responses. A request that breaks the contract is rejected and kept as
// a violation. A [ResponseFormat] sets how responses look, in every form that the real API is known or suspected to
// use. [Rules] set what the API allows. [Server.Inject] breaks single requests.
//
// A user may have a number, a WhatsApp ID and a business-scoped user ID (Meta). All names of one user lead to one entry
// of the list: [Options].WaIDs, [Options].UserIDs and [Server.UserID] tell which names belong together. A user may also
// be known by user ID alone, and [Server.Hide] withholds a number that the list has shown before.
//
// No one could call the real API while this was written. Comments therefore name the source of a fact: "360dialog" for
// its OpenAPI description and docs, "Meta" for Meta's guides and published OpenAPI, "seen" for samples and code of
// public clients, "guess" for inference.
package fakeapi
