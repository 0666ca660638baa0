package d360

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Channel describes a channel, a business number with its API key. Fields are zero if
// the API does not return them.
type Channel struct {
	// ID is Meta's ID of the business number.
	ID     string
	Number userid.ID
	// Name is the verified name, in printable characters.
	Name string
}

const (
	channelPath = "/health_status"
	// maxChannelText bounds the ID and the name, in bytes.
	maxChannelText = 200
)

// Channel returns the channel that the key belongs to, with retries. An error of
// status 403 or 404 says that the API does not tell. 360dialog documents the endpoint;
// responses without some of the fields were seen.
func (c *Client) Channel(ctx context.Context) (Channel, error) {
	retry := c.NewRetry()
	for {
		channel, err := c.attemptChannel(ctx)
		if err == nil {
			c.exhausted.Store(false)
			return channel, nil
		}
		if err := retry.Wait(ctx, err); err != nil {
			return Channel{}, err
		}
	}
}

func (c *Client) attemptChannel(ctx context.Context) (Channel, error) {
	query := url.Values{"fields": {"id,display_phone_number,verified_name"}}
	resp, err := c.send(ctx, request{method: http.MethodGet, path: channelPath, query: query})
	if err != nil {
		return Channel{}, err
	}
	var decoded channelResponse
	if err := unmarshalObject(resp.body, &decoded); err != nil {
		if isSuccess(resp.status) {
			return Channel{}, c.invalidResponse(resp, "it does not describe a business number")
		}
		return Channel{}, c.failureFromBody(resp)
	}
	if !isSuccess(resp.status) || decoded.Error != nil || decoded.Meta != nil {
		return Channel{}, c.failure(resp, decoded.Error, decoded.Meta)
	}
	channel := Channel{
		ID:     printable(c.redact(string(decoded.id())), maxChannelText),
		Number: parseOrZero(name(decoded.Number)),
		Name:   printable(c.redact(string(decoded.Name)), maxChannelText),
	}
	if !channel.Number.IsNumber() {
		channel.Number = userid.ID{}
	}
	if channel.ID == "" && channel.Number.IsZero() {
		return Channel{}, c.invalidResponse(resp, "it has neither the ID nor the number of a business number")
	}
	return channel, nil
}

type channelResponse struct {
	ID     text `json:"id"`
	Number text `json:"display_phone_number"`
	Name   text `json:"verified_name"`
	Health struct {
		Entities []struct {
			Type text `json:"entity_type"`
			ID   text `json:"id"`
		} `json:"entities"`
	} `json:"health_status"`
	Error *jsonError `json:"error"`
	Meta  *jsonMeta  `json:"meta"`
}

// id returns the ID of the number, from the response itself or from its entities.
func (r *channelResponse) id() text {
	var entity text
	for _, e := range r.Health.Entities {
		if e.Type == "PHONE_NUMBER" {
			entity = e.ID
		}
	}
	return cmp.Or(r.ID, entity)
}
