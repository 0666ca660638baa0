package faketerraform

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// DefaultParallelism is how many instances Terraform walks at once.
const DefaultParallelism = 10

// version is what the provider is told to run under.
const version = "1.14.0"

// Terraform runs one provider configuration. It is safe for concurrent use, once
// its fields are set.
type Terraform struct {
	// Parallelism is how many instances are walked at once.
	Parallelism int
	// Order, if set, brings the addresses of a walk into the order in which they
	// are begun. Without it they are begun in their own order.
	Order func(addresses []string)

	servers  func() (tfprotov6.ProviderServer, error)
	provider tftypes.Value
	schemas  *tfprotov6.GetProviderSchemaResponse
	// identities are the schemas of identities, by resource type.
	identities map[string]*tfprotov6.ResourceIdentitySchema
}

// New returns a Terraform whose root module has a provider block with the given
// arguments. servers makes the server of a provider that was just started, once
// for each walk.
func New(ctx context.Context, servers func() (tfprotov6.ProviderServer, error), provider Attributes) (*Terraform, error) {
	server, err := servers()
	if err != nil {
		return nil, err
	}
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	var diags report
	diags.add("", schemas.Diagnostics)
	diags.add("", identities.Diagnostics)
	if diags.HasErrors() {
		return nil, fmt.Errorf("the provider's schemas: %s", diags.Diagnostics)
	}
	for name, schema := range schemas.ResourceSchemas {
		if err := flat(schema); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	tf := &Terraform{Parallelism: DefaultParallelism, servers: servers, schemas: schemas, identities: identities.IdentitySchemas}
	tf.provider, err = valueOf(schemas.Provider.ValueType(), provider)
	return tf, err
}

// flat rejects schemas of which this package does not know how Terraform handles
// them.
func flat(schema *tfprotov6.Schema) error {
	if schema.Version != 0 || len(schema.Block.BlockTypes) > 0 {
		return fmt.Errorf("faketerraform knows no schema versions and no blocks")
	}
	for _, a := range schema.Block.Attributes {
		if a.NestedType != nil || a.WriteOnly {
			return fmt.Errorf("%s: faketerraform knows no nested and no write-only attributes", a.Name)
		}
	}
	return nil
}

// start is a provider that was just started and configured, nil where that
// failed.
func (tf *Terraform) start(ctx context.Context, diags *report) tfprotov6.ProviderServer {
	server, err := tf.servers()
	if diags.crashed("", err) {
		return nil
	}
	validated, err := server.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: encode(tf.provider)})
	if diags.crashed("", err) {
		return nil
	}
	diags.add("", validated.Diagnostics)
	if diags.HasErrors() {
		return nil
	}
	configured, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: version, Config: encode(tf.provider)})
	if diags.crashed("", err) {
		return nil
	}
	diags.add("", configured.Diagnostics)
	if diags.HasErrors() {
		return nil
	}
	return server
}

// resourceSchema is the schema of the resource at an address.
func (tf *Terraform) resourceSchema(address string) (*tfprotov6.Schema, error) {
	schema, ok := tf.schemas.ResourceSchemas[typeOf(address)]
	if !ok {
		return nil, fmt.Errorf("the provider has no resource %q", typeOf(address))
	}
	return schema, nil
}

// identityOf is an identity from its encoded form, nil where there is none.
func (tf *Terraform) identityOf(typeName string, data *tfprotov6.ResourceIdentityData) (*tftypes.Value, error) {
	schema, ok := tf.identities[typeName]
	if !ok || data == nil || data.IdentityData == nil {
		return nil, nil //nolint:nilnil // An identity is optional.
	}
	identity, err := decode(schema.ValueType(), data.IdentityData)
	if err != nil || identity.IsNull() {
		return nil, err
	}
	return &identity, nil
}

func encodeIdentity(identity *tftypes.Value) *tfprotov6.ResourceIdentityData {
	if identity == nil {
		return nil
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: encode(*identity)}
}
