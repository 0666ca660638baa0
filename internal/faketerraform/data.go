package faketerraform

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func (tf *Terraform) dataConfig(address string, attributes Attributes, diags *report) (tftypes.Value, bool) {
	schema, ok := tf.schemas.DataSourceSchemas[typeOf(address)]
	if !ok {
		diags.fail(address, "Invalid data source", "the provider has no data source %q", typeOf(address))
		return tftypes.Value{}, false
	}
	value, err := valueOf(schema.ValueType(), attributes)
	if err != nil {
		diags.fail(address, "Invalid configuration", "%s", err)
	}
	return value, err == nil
}

func (p *planner) data(ctx context.Context, address string, diags *report) {
	config, ok := p.tf.dataConfig(address, p.config.Data[address], diags)
	if !ok {
		return
	}
	resp, err := p.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: typeOf(address), Config: encode(config)})
	if diags.crashed(address, err) {
		return
	}
	diags.add(address, resp.Diagnostics)
	if diags.HasErrors() {
		return
	}
	value, err := decode(config.Type(), resp.State)
	if diags.crashed(address, err) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan.Data[address], _ = plain(value).(map[string]any)
}
