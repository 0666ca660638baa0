package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/d360/terraform-provider-d360/internal/userid"
	"github.com/d360/terraform-provider-d360/internal/userid/useridtype"
)

var _ function.Function = (*normalizeUserFunction)(nil)

// normalizeUserFunction gives the canonical form of a user, by which the
// provider compares them.
type normalizeUserFunction struct{}

func newNormalizeUserFunction() function.Function { return &normalizeUserFunction{} }

// Metadata names the function.
func (f *normalizeUserFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "normalize_user"
}

// Definition describes the function.
func (f *normalizeUserFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The canonical form of a WhatsApp user",
		MarkdownDescription: "Returns the one form by which the provider compares users: the digits of a phone number, with the country calling code and without everything else (`+49 (151) 123-45678` becomes `4915112345678`), or a business-scoped user ID as it is. " +
			"As key of a `for_each` it makes all spellings of a user one key, so that a row that is tidied up later stays the same resource.\n\n" +
			"Fails where the text names no user, and says which part of it is wrong. Numbers are not rewritten by country, nor judged by a numbering plan.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "user",
				MarkdownDescription: "A phone number with its country calling code, in any usual spelling, or a business-scoped user ID.",
			},
		},
		Return: function.StringReturn{},
	}
}

// Run normalizes the argument.
func (f *normalizeUserFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var spelling string
	resp.Error = req.Arguments.Get(ctx, &spelling)
	if resp.Error != nil {
		return
	}
	user, err := userid.Parse(spelling)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, useridtype.Sentence(err))
		return
	}
	resp.Error = resp.Result.Set(ctx, user.String())
}
