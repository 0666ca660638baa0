package d360

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// UserResult is what the API said of one user of a write.
type UserResult struct {
	// User is the user as asked for, with the names that the response gave.
	User userid.User
	// Done is set where the API says that it blocked or unblocked the user.
	Done bool
	// Err is why the user was rejected. Where it is nil and Done is not set, the
	// response does not name the user.
	Err *Error
}

// isMissing reports whether the response does not name the user.
func (r UserResult) isMissing() bool { return !r.Done && r.Err == nil }

// Block asks to block users, at most [MaxUsersPerRequest], in one attempt. The
// request names each user by [userid.User.Key]. The results are in the order of the
// users. An [*Error] is for the request as a whole; where its OutcomeUnknown is set,
// or a result is missing, only the list can tell.
func (c *Client) Block(ctx context.Context, users []userid.User) ([]UserResult, error) {
	return c.write(ctx, http.MethodPost, users)
}

// Unblock asks to unblock users, as [Client.Block] asks to block.
func (c *Client) Unblock(ctx context.Context, users []userid.User) ([]UserResult, error) {
	return c.write(ctx, http.MethodDelete, users)
}

// userIDField is the field of a request's item in which user IDs are sent.
// Meta knows user_id since February 2026. 360dialog's own description of the API
// knows `user` alone, so its proxy may drop user_id or reject it, and may take a
// user ID in `user`.
type userIDField int32

const (
	// userIDUntested: user_id has not worked yet, nor failed.
	userIDUntested userIDField = iota
	userIDInUserID
	userIDInUser
)

// write makes a request, and finds out on the way in which field the API takes
// user IDs. The one that has worked serves the rest of the run.
func (c *Client) write(ctx context.Context, method string, users []userid.User) ([]UserResult, error) {
	field := userIDField(c.userIDField.Load())
	results, err := c.writeOnce(ctx, method, users, field)
	if field != userIDUntested || !slices.ContainsFunc(users, isSentByUserID) {
		return results, err
	}
	var again []int
	switch {
	case isParameterRejection(err):
		// It may be about one bad user instead: then this fails as well, and the one who
		// splits the request comes to the others.
		results = make([]UserResult, len(users))
		for i, u := range users {
			results[i].User = u
			again = append(again, i)
		}
	case err == nil && onlyUserIDsAreMissing(results):
		for i, r := range results {
			if isSentByUserID(r.User) {
				again = append(again, i)
			}
		}
	default:
		if slices.ContainsFunc(results, isDoneByUserID) {
			c.userIDField.Store(int32(userIDInUserID))
		}
		return results, err
	}
	left := make([]userid.User, len(again))
	for i, at := range again {
		left[i] = users[at]
	}
	retried, retryErr := c.writeOnce(ctx, method, left, userIDInUser)
	switch {
	case retryErr == nil:
	case err == nil:
		// The first request did what its response says; these stay missing.
		return results, nil
	case isParameterRejection(retryErr):
		return nil, err
	default:
		return nil, retryErr
	}
	if slices.ContainsFunc(retried, isDoneByUserID) {
		c.userIDField.Store(int32(userIDInUser))
	}
	for i, at := range again {
		results[at] = retried[i]
	}
	return results, nil
}

// isSentByUserID reports whether a request names the user by user ID.
func isSentByUserID(u userid.User) bool { return !u.Key().IsNumber() }

func isDoneByUserID(r UserResult) bool { return r.Done && isSentByUserID(r.User) }

// onlyUserIDsAreMissing reports whether the response leaves out exactly those who
// were named by user ID.
func onlyUserIDsAreMissing(results []UserResult) bool {
	return !slices.ContainsFunc(results, func(r UserResult) bool { return r.isMissing() != isSentByUserID(r.User) })
}

// writeOnce makes one request.
func (c *Client) writeOnce(ctx context.Context, method string, users []userid.User, field userIDField) ([]UserResult, error) {
	body, err := writeBody(users, field)
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
			return nil, c.invalidResponse(a, "it is no JSON object of the API")
		}
		failure := c.failureOf(a)
		if failure.Kind == Rejected && mayHoldResults(a.body) {
			// Some users may have been dealt with: a rejection would say that none was.
			return nil, c.invalidResponse(a, "its results cannot be read: "+failure.Message)
		}
		return nil, failure
	}
	results := decoded.BlockUsers
	perUser := results != nil && len(results.Added)+len(results.Removed)+len(results.Failed) > 0
	switch {
	case perUser && a.status < http.StatusInternalServerError && !isRedirect(a.status):
	case isSuccess(a.status) && decoded.Error == nil && decoded.Meta == nil:
		// A success that names no one: everyone is unanswered for.
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
	return c.results(a, users, done, results.Failed, decoded.Error), nil
}

// mayHoldResults reports whether a body that cannot be read may be per-user
// results: such as it is, or cut off before it came to them.
func mayHoldResults(body []byte) bool {
	return bytes.Contains(body, []byte(`"block_users"`)) ||
		bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) && !jsontext.Value(body).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// writeBody is the body of a POST and of a DELETE alike.
func writeBody(users []userid.User, field userIDField) ([]byte, error) {
	if len(users) == 0 || len(users) > MaxUsersPerRequest {
		return nil, fmt.Errorf("a request names 1 to %d users, not %d", MaxUsersPerRequest, len(users))
	}
	type item struct {
		User   string `json:"user,omitzero"`
		UserID string `json:"user_id,omitzero"`
	}
	body := struct {
		MessagingProduct string `json:"messaging_product"`
		BlockUsers       []item `json:"block_users"`
	}{MessagingProduct: "whatsapp", BlockUsers: make([]item, len(users))}
	for i, u := range users {
		if isSentByUserID(u) && field != userIDInUser {
			body.BlockUsers[i].UserID = u.Key().APIForm()
		} else {
			body.BlockUsers[i].User = u.Key().APIForm()
		}
	}
	return json.Marshal(body)
}

// results assigns what the API said to the users it was asked about.
func (c *Client) results(a answer, users []userid.User, done []wireUser, failed []wireFailed, whole *wireError) []UserResult {
	results := make([]UserResult, len(users))
	sent := make(map[userid.ID]int, len(users))
	for i, u := range users {
		results[i].User = u
		sent[u.Key()] = i
	}
	index := userid.NewIndex(users...)
	// A response echoes the name that was sent, or gives another name of the user.
	find := func(named userid.User) *UserResult {
		if i, ok := sent[named.ID]; ok {
			return &results[i]
		}
		if i, ok := index.Match(named); ok {
			return &results[i]
		}
		// Asked about one user, the API can only mean that one, even where it names
		// them by a WhatsApp ID that no one could foresee.
		if len(users) == 1 && len(done)+len(failed) == 1 && named.Spelling == "" {
			return &results[0]
		}
		return nil
	}

	for _, w := range done {
		named := c.namedUser(w)
		// A rejection may leave out the users that it is about; a success may not.
		if r := find(named); r != nil && !named.IsZero() {
			r.Done, r.User = true, r.User.Learn(named)
		}
	}
	for _, f := range failed {
		named := c.namedUser(f.user())
		if r := find(named); r != nil {
			r.User = r.User.Learn(named)
			r.Err = c.rejection(a, f.Errors, whole)
		}
	}
	for i, r := range results {
		if r.Done && r.Err != nil {
			// Named among both: that is no answer.
			results[i] = UserResult{User: users[i]}
		}
	}
	return results
}
