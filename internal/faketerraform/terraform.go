package faketerraform

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// DefaultParallelism is Terraform's.
const DefaultParallelism = 10

// version is the Terraform version that the provider gets.
const version = "1.14.0"

// Terraform runs one provider configuration. It is safe for concurrent use as soon as its
// fields are set.
type Terraform struct {
	// Parallelism is how many instances Terraform walks at once.
	Parallelism int
	// Order, if set, sorts the addresses of a walk. The default is in alphabetical order.
	Order func(addresses []string)

	servers  func() (tfprotov6.ProviderServer, error)
	provider tftypes.Value
	schemas  *tfprotov6.GetProviderSchemaResponse
	// identities is by resource type.
	identities map[string]*tfprotov6.ResourceIdentitySchema
}

// New returns a Terraform whose provider block has the given arguments. servers starts a
// provider; each walk starts its own.
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
		if err := checkSupported(schema); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	tf := &Terraform{Parallelism: DefaultParallelism, servers: servers, schemas: schemas, identities: identities.IdentitySchemas}
	tf.provider, err = valueOf(schemas.Provider.ValueType(), provider)
	return tf, err
}

// checkSupported rejects schemas that this package does not support.
func checkSupported(schema *tfprotov6.Schema) error {
	if schema.Version != 0 || len(schema.Block.BlockTypes) > 0 {
		return fmt.Errorf("faketerraform does not support schema versions and blocks")
	}
	for _, a := range schema.Block.Attributes {
		if a.NestedType != nil || a.WriteOnly {
			return fmt.Errorf("%s: faketerraform does not support nested and write-only attributes", a.Name)
		}
	}
	return nil
}

// start starts and configures a provider. It returns nil where that fails.
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

func (tf *Terraform) resourceSchema(address string) (*tfprotov6.Schema, error) {
	schema, ok := tf.schemas.ResourceSchemas[typeOf(address)]
	if !ok {
		return nil, fmt.Errorf("the provider has no resource %q", typeOf(address))
	}
	return schema, nil
}

// identityOf decodes an identity. It returns nil where there is none.
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

// decodeObject decodes an object of a response. Where that fails, it adds an error and returns nil.
func (tf *Terraform) decodeObject(address string, t tftypes.Type, state *tfprotov6.DynamicValue, private []byte, identity *tfprotov6.ResourceIdentityData, diags *report) *Object {
	object := &Object{private: private}
	var err error
	object.value, err = decode(t, state)
	if err == nil {
		object.identity, err = tf.identityOf(typeOf(address), identity)
	}
	if diags.crashed(address, err) {
		return nil
	}
	return object
}

func encodeIdentity(identity *tftypes.Value) *tfprotov6.ResourceIdentityData {
	if identity == nil {
		return nil
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: encode(*identity)}
}
