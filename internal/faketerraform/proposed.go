package faketerraform

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// proposed is what Terraform proposes for a plan: the configuration, and the prior value
// of computed attributes that it leaves null.
func proposed(schema *tfprotov6.Schema, prior, config tftypes.Value) tftypes.Value {
	values := map[string]tftypes.Value{}
	for _, a := range schema.Block.Attributes {
		values[a.Name] = attribute(config, a.Name, a.Type)
		if a.Computed && values[a.Name].IsNull() {
			values[a.Name] = attribute(prior, a.Name, a.Type)
		}
	}
	return tftypes.NewValue(config.Type(), values)
}

// invalidPlan returns why Terraform does not accept a plan. For an attribute in the
// configuration, a provider may plan only the configured value or the prior one.
func invalidPlan(schema *tfprotov6.Schema, prior, config, planned tftypes.Value) []error {
	if planned.IsNull() {
		return []error{fmt.Errorf("the plan is null, but the configuration is not")}
	}
	var problems []error
	for _, a := range schema.Block.Attributes {
		plannedValue, configValue, priorValue := attribute(planned, a.Name, a.Type), attribute(config, a.Name, a.Type), attribute(prior, a.Name, a.Type)
		switch {
		case plannedValue.Equal(configValue):
		case plannedValue.Equal(priorValue) && !priorValue.IsNull() && !configValue.IsNull():
		case a.Computed && (!a.Optional || configValue.IsNull()):
		default:
			problems = append(problems, fmt.Errorf("%s: planned value %s matches neither config value %s nor prior value %s", a.Name, plannedValue, configValue, priorValue))
		}
	}
	return problems
}

// incompatible returns where an object differs from its plan. A value that was planned as
// unknown may be anything.
func incompatible(planned, actual tftypes.Value) error {
	switch {
	case !planned.IsKnown():
		return nil
	case planned.IsNull() != actual.IsNull():
		return fmt.Errorf("was %s, but now %s", planned, actual)
	case planned.IsFullyKnown():
		if !planned.Equal(actual) {
			return fmt.Errorf("was %s, but now %s", planned, actual)
		}
		return nil
	}
	items, isMap := plannedItems(planned)
	actualItems, _ := plannedItems(actual)
	if !isMap {
		return nil
	}
	for key := range items {
		item, ok := actualItems[key]
		if !ok {
			return fmt.Errorf("%s: has vanished", key)
		}
		if err := incompatible(items[key], item); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	for key := range actualItems {
		if _, ok := items[key]; !ok {
			return fmt.Errorf("%s: has appeared", key)
		}
	}
	return nil
}

func plannedItems(v tftypes.Value) (items map[string]tftypes.Value, ok bool) {
	if !v.IsKnown() || v.IsNull() || (!v.Type().Is(tftypes.Map{}) && !v.Type().Is(tftypes.Object{})) {
		return nil, false
	}
	return as[map[string]tftypes.Value](v), true
}

// differs reports whether a plan changes one of the paths that require a replacement.
func differs(paths []*tftypes.AttributePath, prior, planned tftypes.Value) bool {
	for _, path := range paths {
		before, _, errBefore := tftypes.WalkAttributePath(prior, path)
		after, _, errAfter := tftypes.WalkAttributePath(planned, path)
		if errBefore != nil || errAfter != nil {
			return true
		}
		was, isValue := before.(tftypes.Value)
		is, isValueToo := after.(tftypes.Value)
		if !isValue || !isValueToo || !is.IsFullyKnown() || !is.Equal(was) {
			return true
		}
	}
	return false
}
