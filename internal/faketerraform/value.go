package faketerraform

import (
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// valueOf makes a value of a type. A missing attribute of an object is null.
func valueOf(t tftypes.Type, v any) (tftypes.Value, error) {
	switch v := v.(type) {
	case nil:
		return tftypes.NewValue(t, nil), nil
	case unknown:
		return tftypes.NewValue(t, tftypes.UnknownValue), nil
	case tftypes.Value:
		return v, nil
	case int:
		return primitive(t, big.NewFloat(float64(v)))
	case Attributes:
		return valueOf(t, map[string]any(v))
	case map[string]string:
		return mapped(t, v)
	case map[string]any:
		return mapped(t, v)
	case []any:
		return listed(t, v)
	default:
		return primitive(t, v)
	}
}

func primitive(t tftypes.Type, v any) (tftypes.Value, error) {
	if err := tftypes.ValidateValue(t, v); err != nil {
		return tftypes.Value{}, err
	}
	return tftypes.NewValue(t, v), nil
}

func mapped[V any](t tftypes.Type, v map[string]V) (tftypes.Value, error) {
	values := make(map[string]tftypes.Value, len(v))
	set := func(key string, t tftypes.Type, item any) error {
		value, err := valueOf(t, item)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		values[key] = value
		return nil
	}
	switch t := t.(type) {
	case tftypes.Map:
		for key, item := range v {
			if err := set(key, t.ElementType, item); err != nil {
				return tftypes.Value{}, err
			}
		}
	case tftypes.Object:
		for key := range v {
			if _, ok := t.AttributeTypes[key]; !ok {
				return tftypes.Value{}, fmt.Errorf("there is no attribute %q", key)
			}
		}
		for key, attribute := range t.AttributeTypes {
			var item any
			if value, ok := v[key]; ok {
				item = value
			}
			if err := set(key, attribute, item); err != nil {
				return tftypes.Value{}, err
			}
		}
	default:
		return tftypes.Value{}, fmt.Errorf("a map was given for %s", t)
	}
	return tftypes.NewValue(t, values), nil
}

func listed(t tftypes.Type, v []any) (tftypes.Value, error) {
	var element tftypes.Type
	switch t := t.(type) {
	case tftypes.List:
		element = t.ElementType
	case tftypes.Set:
		element = t.ElementType
	default:
		return tftypes.Value{}, fmt.Errorf("a list was given for %s", t)
	}
	values := make([]tftypes.Value, len(v))
	for i, item := range v {
		var err error
		if values[i], err = valueOf(element, item); err != nil {
			return tftypes.Value{}, fmt.Errorf("%d: %w", i, err)
		}
	}
	return tftypes.NewValue(t, values), nil
}

// plain converts a value to nil, string, bool, float64, Unknown, map[string]any or []any.
func plain(v tftypes.Value) any {
	switch {
	case !v.IsKnown():
		return Unknown
	case v.IsNull():
		return nil
	}
	switch t := v.Type(); {
	case t.Is(tftypes.String):
		return as[string](v)
	case t.Is(tftypes.Bool):
		return as[bool](v)
	case t.Is(tftypes.Number):
		number := as[big.Float](v)
		f, _ := number.Float64()
		return f
	case t.Is(tftypes.Map{}), t.Is(tftypes.Object{}):
		items := map[string]any{}
		for key, item := range as[map[string]tftypes.Value](v) {
			items[key] = plain(item)
		}
		return items
	default:
		var items []any
		for _, item := range as[[]tftypes.Value](v) {
			items = append(items, plain(item))
		}
		return items
	}
}

// as is for a value whose type is known.
func as[T any](v tftypes.Value) T {
	var unpacked T
	if err := v.As(&unpacked); err != nil {
		panic(err)
	}
	return unpacked
}

// attribute is null where the object is.
func attribute(object tftypes.Value, name string, t tftypes.Type) tftypes.Value {
	if object.IsNull() || !object.IsKnown() {
		return tftypes.NewValue(t, nil)
	}
	return as[map[string]tftypes.Value](object)[name]
}

func encode(v tftypes.Value) *tfprotov6.DynamicValue {
	encoded, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		panic(err)
	}
	return &encoded
}

// decode returns null for nil.
func decode(t tftypes.Type, encoded *tfprotov6.DynamicValue) (tftypes.Value, error) {
	if encoded == nil {
		return tftypes.NewValue(t, nil), nil
	}
	return encoded.Unmarshal(t)
}

// stateJSON is a value as in a state file.
func stateJSON(v tftypes.Value) []byte {
	text, err := json.Marshal(plain(v))
	if err != nil {
		panic(err)
	}
	return text
}
