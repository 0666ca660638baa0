package faketerraform

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Diagnostic is an error or a warning, of the provider or about what it answered.
type Diagnostic struct {
	// Address is the instance it is about, empty for the provider itself.
	Address         string
	Error           bool
	Summary, Detail string
	// Attribute is the path of the attribute to blame, empty if there is none.
	Attribute string
}

// String is the text that a user reads.
func (d Diagnostic) String() string {
	severity := "Warning"
	if d.Error {
		severity = "Error"
	}
	return fmt.Sprintf("%s: %s\n  with %s, %s\n%s", severity, d.Summary, d.Address, d.Attribute, d.Detail)
}

// Diagnostics are all of a run, in the order in which they came.
type Diagnostics []Diagnostic

// Errors are those that are errors.
func (ds Diagnostics) Errors() Diagnostics { return ds.only(true) }

// Warnings are those that are none.
func (ds Diagnostics) Warnings() Diagnostics { return ds.only(false) }

// HasErrors reports whether any is an error.
func (ds Diagnostics) HasErrors() bool { return len(ds.Errors()) > 0 }

func (ds Diagnostics) only(errors bool) Diagnostics {
	var picked Diagnostics
	for _, d := range ds {
		if d.Error == errors {
			picked = append(picked, d)
		}
	}
	return picked
}

// String is the text that a user reads.
func (ds Diagnostics) String() string {
	texts := make([]string, len(ds))
	for i, d := range ds {
		texts[i] = d.String()
	}
	return strings.Join(texts, "\n\n")
}

// report gathers diagnostics.
type report struct {
	Diagnostics
}

// add takes over what the provider answered about an address.
func (r *report) add(address string, answered []*tfprotov6.Diagnostic) {
	for _, d := range answered {
		r.Diagnostics = append(r.Diagnostics, Diagnostic{
			Address: address, Error: d.Severity == tfprotov6.DiagnosticSeverityError,
			Summary: d.Summary, Detail: d.Detail, Attribute: d.Attribute.String(),
		})
	}
}

// crashed adds an error of a call itself, if there is one: the provider has gone
// away.
func (r *report) crashed(address string, err error) bool {
	if err != nil {
		r.fail(address, "Plugin did not respond", "%s", err)
	}
	return err != nil
}

// fail adds an error in Terraform's own name.
func (r *report) fail(address, summary, detail string, args ...any) {
	r.Diagnostics = append(r.Diagnostics, Diagnostic{Address: address, Error: true, Summary: summary, Detail: fmt.Sprintf(detail, args...)})
}
