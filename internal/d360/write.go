package d360

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Answer is what the service said of one user of a write.
type Answer struct {
	User userid.ID
	// Done is set where the service says that it blocked or unblocked the user.
	Done bool
	// WaID is the WhatsApp ID that the service gave, zero where it gave none.
	// It can differ from the number that was sent.
	WaID userid.ID
	// Err is why the user was refused. Where it is nil and Done is not set, the
	// service did not answer for the user.
	Err *Error
}

// Block asks to block users, at most [MaxUsersPerRequest], in one attempt. The
// answers are in the order of the users. An [*Error] is for the request as a
// whole; where it is Unclear, or a user has no answer, only the list can tell.
func (c *Client) Block(ctx context.Context, users []userid.ID) ([]Answer, error) {
	return c.write(ctx, http.MethodPost, users)
}

// Unblock asks to unblock users, as [Client.Block] asks to block.
func (c *Client) Unblock(ctx context.Context, users []userid.ID) ([]Answer, error) {
	return c.write(ctx, http.MethodDelete, users)
}

func (c *Client) write(ctx context.Context, method string, users []userid.ID) ([]Answer, error) {
	body, err := writeBody(users)
	if err != nil {
		return nil, err
	}
	a, err := c.send(ctx, request{method: method, body: body, users: len(users)})
	if err != nil {
		return nil, err
	}

	var decoded writeAnswer
	if err := unmarshalObject(a.body, &decoded); err != nil {
		if isSuccess(a.status) {
			return nil, c.senseless(a, "it is no JSON object of the API")
		}
		failure := c.failureOf(a)
		if failure.Kind == Refused && mayHoldResults(a.body) {
			// Some users may have been dealt with: a refusal would say that none was.
			return nil, c.senseless(a, "its results cannot be read: "+failure.Message)
		}
		return nil, failure
	}
	results := decoded.BlockUsers
	perUser := results != nil && len(results.Added)+len(results.Removed)+len(results.Failed) > 0
	switch {
	case perUser && a.status < http.StatusInternalServerError && !isRedirect(a.status):
	case isSuccess(a.status) && decoded.Error == nil && decoded.Meta == nil:
		// A success that names nobody: everyone is unanswered for.
	default:
		return nil, c.failure(a, decoded.Error, decoded.Meta)
	}
	c.exhausted.Store(false)
	if results == nil {
		results = &wireResults{}
	}
	done := results.Added
	if method == http.MethodDelete {
		done = append(done, results.Removed...)
	}
	return c.answers(a, users, done, results.Failed, decoded.Error), nil
}

// mayHoldResults reports whether a body that cannot be read may be per-user
// results: such as it is, or cut off before it came to them.
func mayHoldResults(body []byte) bool {
	return bytes.Contains(body, []byte(`"block_users"`)) ||
		bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) && !jsontext.Value(body).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// writeBody is the body of a POST and of a DELETE alike.
func writeBody(users []userid.ID) ([]byte, error) {
	if len(users) == 0 || len(users) > MaxUsersPerRequest {
		return nil, fmt.Errorf("a request names 1 to %d users, not %d", MaxUsersPerRequest, len(users))
	}
	type item struct {
		User string `json:"user"`
	}
	body := struct {
		MessagingProduct string `json:"messaging_product"`
		BlockUsers       []item `json:"block_users"`
	}{MessagingProduct: "whatsapp", BlockUsers: make([]item, len(users))}
	for i, user := range users {
		body.BlockUsers[i].User = user.Wire()
	}
	return json.Marshal(body)
}

// answers assigns what the service said to the users it was asked about.
func (c *Client) answers(a answer, users []userid.ID, done []wireUser, failed []wireFailed, whole *wireError) []Answer {
	answers := make([]Answer, len(users))
	index := make(map[userid.ID]int, len(users))
	for i, user := range users {
		answers[i].User = user
		index[user] = i
	}
	find := func(w wireUser, e Entry) *Answer {
		for _, id := range e.IDs() {
			if i, ok := index[id]; ok {
				return &answers[i]
			}
		}
		// Asked about one user, the service can only mean that one, even where it
		// names them by a WhatsApp ID that nobody could foresee.
		if len(users) == 1 && len(done)+len(failed) == 1 && w.Input == "" {
			return &answers[0]
		}
		return nil
	}

	for _, w := range done {
		e := c.entry(w)
		// A refusal may leave out whom it is about; that somebody is done may not.
		if answer := find(w, e); answer != nil && len(e.IDs()) > 0 {
			answer.Done, answer.WaID = true, e.WaID
		}
	}
	for _, f := range failed {
		e := c.entry(f.user())
		if answer := find(f.user(), e); answer != nil {
			if !answer.Done {
				answer.WaID = e.WaID
			}
			answer.Err = c.refusal(a, f.Errors, whole)
		}
	}
	for i := range answers {
		if answers[i].Done && answers[i].Err != nil {
			// Named among both: that is no answer.
			answers[i] = Answer{User: answers[i].User}
		}
	}
	return answers
}
