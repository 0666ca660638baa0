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

// UserResult is the result of a write for one user.
type UserResult struct {
	// User is the user of the request, with names from the response.
	User userid.User
	// Done is set if the API says that it blocked or unblocked the user.
	Done bool
	// Err is why the API rejected the user. If it is nil and Done is not set, the
	// response does not name the user.
	Err *Error
}

// isMissing reports whether the response does not name the user.
func (r UserResult) isMissing() bool { return !r.Done && r.Err == nil }

// Block blocks users, at most [MaxUsersPerRequest], in one attempt. The request names
// each user by [userid.User.Key]. The results are in the order of the users. An
// [*Error] is about the request as a whole. If its OutcomeUnknown is true, or if the
// response does not name a user, only the list can tell the outcome.
func (c *Client) Block(ctx context.Context, users []userid.User) ([]UserResult, error) {
	return c.write(ctx, http.MethodPost, users)
}

// Unblock unblocks users, as [Client.Block] blocks them.
func (c *Client) Unblock(ctx context.Context, users []userid.User) ([]UserResult, error) {
	return c.write(ctx, http.MethodDelete, users)
}

// userIDField is the field of a request in which user IDs are sent. Meta has had
// user_id from February 2026 on. 360dialog's own description of the API has only
// `user`, so its proxy may drop or reject user_id, and may accept a user ID in `user`.
type userIDField int32

const (
	userIDUntested userIDField = iota
	userIDInUserID
	userIDInUser
)

// write sends a request, and finds out which field the API accepts for user IDs. The
// rest of the run uses the field that worked.
func (c *Client) write(ctx context.Context, method string, users []userid.User) ([]UserResult, error) {
	field := userIDField(c.userIDField.Load())
	results, err := c.writeOnce(ctx, method, users, field)
	if field != userIDUntested || !slices.ContainsFunc(users, isSentByUserID) {
		return results, err
	}
	var again []int
	switch {
	case isParameterRejection(err):
		// One bad user may be the reason instead. Then the retry fails as well, and the
		// caller splits the request.
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
		// The results of the first request are valid; the user IDs stay missing.
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

// onlyUserIDsAreMissing reports whether the response omits exactly the users that were
// sent by user ID.
func onlyUserIDsAreMissing(results []UserResult) bool {
	return !slices.ContainsFunc(results, func(r UserResult) bool { return r.isMissing() != isSentByUserID(r.User) })
}

func (c *Client) writeOnce(ctx context.Context, method string, users []userid.User, field userIDField) ([]UserResult, error) {
	body, err := writeBody(users, field)
	if err != nil {
		return nil, err
	}
	resp, err := c.send(ctx, request{method: method, body: body, users: len(users)})
	if err != nil {
		return nil, err
	}

	var decoded writeResponse
	if err := unmarshalObject(resp.body, &decoded); err != nil {
		if isSuccess(resp.status) {
			return nil, c.invalidResponse(resp, "it is no JSON object of the API")
		}
		failure := c.failureFromBody(resp)
		if failure.Kind == Rejected && mayHoldResults(resp.body) {
			// Some users may be blocked: a rejection would say that none is.
			return nil, c.invalidResponse(resp, "its results cannot be read: "+failure.Message)
		}
		return nil, failure
	}
	results := decoded.BlockUsers
	perUser := results != nil && len(results.Added)+len(results.Removed)+len(results.Failed) > 0
	switch {
	case perUser && resp.status < http.StatusInternalServerError && !isRedirect(resp.status):
	case isSuccess(resp.status) && decoded.Error == nil && decoded.Meta == nil:
		// A success that names no one: the result of each user is missing.
	default:
		return nil, c.failure(resp, decoded.Error, decoded.Meta)
	}
	c.exhausted.Store(false)
	if results == nil {
		results = &jsonResults{}
	}
	done := results.Added
	if method == http.MethodDelete {
		done = append(done, results.Removed...)
	}
	return c.results(resp, users, done, results.Failed, decoded.Error), nil
}

// mayHoldResults reports whether an unreadable body may hold per-user results, or was
// cut off before them.
func mayHoldResults(body []byte) bool {
	return bytes.Contains(body, []byte(`"block_users"`)) ||
		bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) && !jsontext.Value(body).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// writeBody is the body of both POST and DELETE.
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

// results assigns the results in a response to the users of the request.
func (c *Client) results(resp response, users []userid.User, done []jsonUser, failed []jsonFailedUser, requestErr *jsonError) []UserResult {
	results := make([]UserResult, len(users))
	sent := make(map[userid.ID]int, len(users))
	for i, u := range users {
		results[i].User = u
		sent[u.Key()] = i
	}
	index := userid.NewIndex(users...)
	// A response repeats the name that was sent, or has another name of the user.
	find := func(named userid.User) *UserResult {
		if i, ok := sent[named.ID]; ok {
			return &results[i]
		}
		if i, ok := index.Match(named); ok {
			return &results[i]
		}
		// A response to a request for one user means that user, even under an unexpected
		// WhatsApp ID.
		if len(users) == 1 && len(done)+len(failed) == 1 && named.Spelling == "" {
			return &results[0]
		}
		return nil
	}

	for _, w := range done {
		named := c.namedUser(w)
		// Only a rejection may omit the name of its user.
		if r := find(named); r != nil && !named.IsZero() {
			r.Done, r.User = true, r.User.Learn(named)
		}
	}
	for _, f := range failed {
		named := c.namedUser(f.jsonUser)
		if r := find(named); r != nil {
			r.User = r.User.Learn(named)
			r.Err = c.rejection(resp, f.Errors, requestErr)
		}
	}
	for i, r := range results {
		if r.Done && r.Err != nil {
			// Done and rejected at once: treat the result as missing.
			results[i] = UserResult{User: users[i]}
		}
	}
	return results
}
