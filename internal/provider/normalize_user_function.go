package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

var _ function.Function = (*normalizeUserFunction)(nil)

// normalizeUserFunction returns the canonical form of a user.
type normalizeUserFunction struct{}

func newNormalizeUserFunction() function.Function { return &normalizeUserFunction{} }

func (f *normalizeUserFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "normalize_user"
}

func (f *normalizeUserFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The canonical form of a WhatsApp user",
		MarkdownDescription: "Returns the canonical form of a user: the digits of a phone number (`+49 (151) 123-45678` becomes `4915112345678`), or a user ID unchanged. " +
			"Use it for the keys of `for_each`, so that all spellings of a user are one resource.\n\n" +
			"Fails if the text is not a user.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "user",
				MarkdownDescription: "A phone number with its country calling code, in any usual spelling, or a user ID.",
			},
		},
		Return: function.StringReturn{},
	}
}

func (f *normalizeUserFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var spelling string
	resp.Error = req.Arguments.Get(ctx, &spelling)
	if resp.Error != nil {
		return
	}
	user, err := userid.Parse(spelling)
	if err != nil {
		resp.Error = argumentError(0, parseErrorDetail(err))
		return
	}
	resp.Error = resp.Result.Set(ctx, user.String())
}

// argumentError is an error about one argument, without a period, because Terraform
// adds one.
func argumentError(argument int64, text string) *function.FuncError {
	return function.NewArgumentFuncError(argument, strings.TrimSuffix(text, "."))
}
