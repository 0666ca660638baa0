package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/d360/terraform-provider-d360/internal/blocklistcsv"
)

var _ function.Function = (*readCSVFunction)(nil)

// readCSVFunction reads a CSV file of users into the map that resources take.
type readCSVFunction struct{}

func newReadCSVFunction() function.Function { return &readCSVFunction{} }

const (
	textArgument int64 = iota
	nowArgument
)

func (f *readCSVFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "read_csv"
}

func (f *readCSVFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The users of a CSV file, with their notes",
		MarkdownDescription: "Reads a blocklist from the text of a CSV file and returns a map from the user in canonical form to the note, or null. " +
			"Use it for `users` of the bulk resources and for `for_each` of `d360_blocked_user`.\n\n" +
			"Fails if rows are wrong. The error names the rows and what is wrong with them, and quotes no phone number.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "text",
				MarkdownDescription: "The text of the file, such as `file(\"${path.module}/blocklist.csv\")`.",
			},
		},
		VariadicParameter: function.StringParameter{
			Name:                "now",
			MarkdownDescription: "`plantimestamp()`, to leave out rows whose `until` has passed. Otherwise, the function does not read that column.",
		},
		Return: function.MapReturn{ElementType: types.StringType},
	}
}

func (f *readCSVFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	var times []string
	resp.Error = req.Arguments.Get(ctx, &text, &times)
	if resp.Error != nil {
		return
	}
	var rows []blocklistcsv.Row
	var err error
	switch len(times) {
	case 0:
		rows, err = blocklistcsv.Read(text)
	case 1:
		now, parseErr := time.Parse(time.RFC3339, times[0])
		if parseErr != nil {
			resp.Error = argumentError(nowArgument, fmt.Sprintf("%.40q is not a time such as 2026-12-31T18:00:00Z. Use plantimestamp()", times[0]))
			return
		}
		rows, err = blocklistcsv.ReadAt(text, now)
	default:
		resp.Error = argumentError(nowArgument+1, fmt.Sprintf("the function takes one time after the text, and there are %d", len(times)))
		return
	}
	if err != nil {
		resp.Error = argumentError(textArgument, err.Error())
		return
	}
	users := make(map[string]attr.Value, len(rows))
	for _, row := range rows {
		users[row.User.String()] = textOrNull(row.Note)
	}
	resp.Error = resp.Result.Set(ctx, mapOf(users))
}
