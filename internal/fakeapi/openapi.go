package fakeapi

import _ "embed"

// OpenAPI is the description of the API as this package serves it, an OpenAPI document in YAML. Tests hold the
// package to it.
//
//go:embed openapi.yaml
var OpenAPI []byte
