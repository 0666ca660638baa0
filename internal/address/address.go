// Package address is the one place that says where the provider is published.
package address

// Provider is the source address of the provider in configurations.
const Provider = "registry.terraform.io/d360/d360"
