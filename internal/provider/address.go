package provider

const (
	// Source is how a configuration names the provider. Each CLI puts its own registry in
	// front of it.
	Source = "d360/d360"
	// Address is where the provider is at home: Source at Terraform's registry.
	Address = "registry.terraform.io/" + Source
)
