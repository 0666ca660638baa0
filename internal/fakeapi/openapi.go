package fakeapi

import _ "embed"

// OpenAPI describes the API as this package serves it. Tests compare every request and response with it.
//
//go:embed openapi.yaml
var OpenAPI []byte
