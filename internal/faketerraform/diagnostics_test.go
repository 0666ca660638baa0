package faketerraform

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func TestReport_emptyLine(t *testing.T) {
	t.Parallel()
	for detail, want := range map[string]int{"text": 0, "  user\n\ntext": 0, "  user\n": 1} {
		var r report
		r.add("stub_thing.a", []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "summary", Detail: detail}})
		if n := len(r.Errors()); n != want {
			t.Errorf("%q: %d errors, want %d", detail, n, want)
		}
	}
}
