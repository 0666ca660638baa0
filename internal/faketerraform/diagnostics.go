package faketerraform

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Diagnostic is an error or a warning, from the provider or about its responses.
type Diagnostic struct {
	// Address is the instance, empty for the provider itself.
	Address         string
	Error           bool
	Summary, Detail string
	// Attribute is the path of the attribute, if there is one.
	Attribute string
}

func (d Diagnostic) String() string {
	severity := "Warning"
	if d.Error {
		severity = "Error"
	}
	return fmt.Sprintf("%s: %s\n  with %s, %s\n%s", severity, d.Summary, d.Address, d.Attribute, d.Detail)
}

// Diagnostics are in the order in which they came.
type Diagnostics []Diagnostic

// Errors returns only the errors.
func (ds Diagnostics) Errors() Diagnostics { return ds.only(true) }

// Warnings returns only the warnings.
func (ds Diagnostics) Warnings() Diagnostics { return ds.only(false) }

// HasErrors reports whether there are errors.
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

func (ds Diagnostics) String() string {
	texts := make([]string, len(ds))
	for i, d := range ds {
		texts[i] = d.String()
	}
	return strings.Join(texts, "\n\n")
}

type report struct{ Diagnostics }

// add appends the provider's diagnostics about an address. A message that ends with a
// new line is an error, because Terraform shows an empty line.
func (r *report) add(address string, diagnostics []*tfprotov6.Diagnostic) {
	for _, d := range diagnostics {
		if strings.HasSuffix(d.Detail, "\n") {
			r.fail(address, "Empty lines after a message", "%q", d.Detail)
		}
		r.Diagnostics = append(r.Diagnostics, Diagnostic{
			Address: address, Error: d.Severity == tfprotov6.DiagnosticSeverityError,
			Summary: d.Summary, Detail: d.Detail, Attribute: d.Attribute.String(),
		})
	}
}

// crashed adds the error of a call without a response, if there is one.
func (r *report) crashed(address string, err error) bool {
	if err != nil {
		r.fail(address, "Plugin did not respond", "%s", err)
	}
	return err != nil
}

// fail adds an error from Terraform itself.
func (r *report) fail(address, summary, detail string, args ...any) {
	r.Diagnostics = append(r.Diagnostics, Diagnostic{Address: address, Error: true, Summary: summary, Detail: fmt.Sprintf(detail, args...)})
}
