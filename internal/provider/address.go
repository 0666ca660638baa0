package provider

const (
	// Source is the source address in configurations. Each CLI puts its own registry in
	// front of it.
	Source = "d360/d360"
	// Address is Source with Terraform's registry.
	Address = "registry.terraform.io/" + Source
)
