// Package sandbox is a Block Users API in memory, served over HTTP: what 360dialog offers for one WhatsApp business
// number, for acceptance tests, the demo and benchmarks.
//
// It is strict about what it is sent and flexible about what it answers. Requests that break the contract are refused
// and kept as violations; answers follow a [Wire], which can show every form the real service is known or suspected to
// use. [Rules] say what the service allows, and faults ([Server.Inject]) break single requests on purpose.
//
// Nobody could call the real service while this was written. Doc comments therefore say where a fact comes from:
// "360dialog" for its OpenAPI description and docs, "Meta" for Meta's guides and published OpenAPI, "seen" for
// samples and code of public clients, "guess" for inference.
package sandbox
