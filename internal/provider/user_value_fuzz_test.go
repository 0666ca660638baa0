package provider

import (
	"strings"
	"testing"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// FuzzValue: two texts are equal if both name the same user, and validation accepts the
// texts that name a user.
func FuzzValue(f *testing.F) {
	for _, pair := range [][2]string{
		{"+49 151 12345678", "004915112345678"},
		{"+4915112345678", "+4915112345679"},
		{"US.134", "us.134"},
		{"nobody", "nobody"},
		{"", " "},
		{"\x1b[2J\u202e", "\xff"},
		{"4915112345678.0", "491511234567.80"},
		{"1.6505551234E+10", "16505551234"},
		{"(0) 151", strings.Repeat("9", 5000)},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		idA, errA := userid.Parse(a)
		idB, errB := userid.Parse(b)
		valueA, valueB := newUserValue(a), newUserValue(b)

		same, diags := valueA.StringSemanticEquals(t.Context(), valueB)
		reverse, more := valueB.StringSemanticEquals(t.Context(), valueA)
		if diags.HasError() || more.HasError() || same != reverse {
			t.Errorf("%q and %q: %t, %t, %v, %v", a, b, same, reverse, diags, more)
		}
		if want := errA == nil && errB == nil && idA == idB; same != want {
			t.Errorf("%q and %q are the same: %t, want %t", a, b, same, want)
		}
		if names := valueA.Names(idB); names != same {
			t.Errorf("%q names %q: %t, want %t", a, idB, names, same)
		}

		var resp xattr.ValidateAttributeResponse
		valueA.ValidateAttribute(t.Context(), xattr.ValidateAttributeRequest{Path: path.Root("user")}, &resp)
		if resp.Diagnostics.HasError() != (errA != nil) {
			t.Errorf("%q: %v, %v", a, resp.Diagnostics, errA)
		}
		for _, d := range resp.Diagnostics {
			text := d.Summary() + d.Detail()
			if len(text) > 1000 || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
				t.Errorf("%q cannot be shown", text)
			}
		}
	})
}
