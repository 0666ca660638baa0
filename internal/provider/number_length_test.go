package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// lengthWarnings are the warnings of impossible lengths among diagnostics.
func lengthWarnings(all faketerraform.Diagnostics) faketerraform.Diagnostics {
	var picked faketerraform.Diagnostics
	for _, d := range all {
		if strings.Contains(d.Summary, "impossible length") {
			picked = append(picked, d)
		}
	}
	return picked
}

// A number of a length that its country does not have is a warning where a plan adds
// it, and nowhere else.
func TestImpossibleLengths(t *testing.T) {
	t.Parallel()
	const short, alsoShort, right, alternate = "+1 650 555 012", "+33 6 39 98 00 0", "+44 7700 900123", "+55 11 8765-4321"
	for kind, config := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := fakeapi.New(fakeapi.Options{})
				tf := acctest.InMemoryTerraform(t, api, nil)
				expect := func(what string, all faketerraform.Diagnostics, summary string, texts ...string) {
					t.Helper()
					warnings := lengthWarnings(all)
					if all.HasErrors() {
						t.Fatalf("%s: %s", what, all.Errors())
					}
					if (summary == "") != (len(warnings) == 0) {
						t.Fatalf("%s: %d warnings of lengths, want %q: %s", what, len(warnings), summary, warnings)
					}
					for _, warning := range warnings {
						if warning.Error || warning.Summary != summary {
							t.Errorf("%s: %s, want the warning %q", what, warning, summary)
						}
					}
					for _, text := range texts {
						if !strings.Contains(warnings.String(), text) {
							t.Errorf("%s: no %q in %s", what, text, warnings)
						}
					}
				}

				expect("nothing to warn of", tf.Plan(t.Context(), config(right, alternate, "US.1"), nil).Diagnostics, "")
				one := "A phone number has an impossible length"
				two := "2 users have a phone number of impossible length"
				if kind == acctest.SingleType {
					two = one
				}
				expect("create", tf.Plan(t.Context(), config(short, right), nil).Diagnostics, one, "+1 650 555 012 (1650555012): too short for +1", "131047")
				run := tf.Apply(t.Context(), config(short, right), nil)
				expect("apply", run.All(), one)
				expect("no change", tf.Plan(t.Context(), config(short, right), run.State).Diagnostics, "")
				expect("added to a state", tf.Plan(t.Context(), config(short, alsoShort, right), run.State).Diagnostics, one, alsoShort)
				if warnings := lengthWarnings(tf.Plan(t.Context(), config(short, alsoShort, right), run.State).Diagnostics); strings.Contains(warnings.String(), short) {
					t.Errorf("a user who stays is warned of: %s", warnings)
				}
				expect("removed", tf.Plan(t.Context(), config(right), run.State).Diagnostics, "")
				if kind != acctest.ExclusiveType {
					expect("on the list", tf.Plan(t.Context(), config(short), nil).Diagnostics, "")
				}
				api.Remove("1650555012")
				api.Remove("447700900123")
				expect("two", tf.Plan(t.Context(), config(short, alsoShort), nil).Diagnostics, two, short, alsoShort)
			})
		})
	}
}

func TestImpossibleLengths_many(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tf := acctest.InMemoryTerraform(t, fakeapi.New(fakeapi.Options{}), nil)
		var users []string
		for i := range 25 {
			users = append(users, fmt.Sprintf("+1 650 5%05d", i))
		}
		warnings := lengthWarnings(tf.Plan(t.Context(), kinds[acctest.BulkType](users...), nil).Diagnostics)
		if len(warnings) != 1 || !strings.HasPrefix(warnings[0].Summary, "25 users have") || !strings.Contains(warnings[0].Detail, "+1 650 500009 (1650500009)") ||
			strings.Contains(warnings[0].Detail, "500010") || !strings.Contains(warnings[0].Detail, "… and 15 more: the plan shows all") {
			t.Errorf("not one warning of 25 users with the first ten: %s", warnings)
		}
	})
}
