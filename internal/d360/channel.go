package d360

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Channel is what the API tells of a channel, a business number with its API key.
// What it does not tell is zero.
type Channel struct {
	// ID is Meta's ID of the business number.
	ID string
	// Number is the business number.
	Number userid.ID
	// Name is the verified name, fit to be shown.
	Name string
}

const (
	channelPath = "/health_status"
	// maxChannelText bounds the ID and the name, in bytes.
	maxChannelText = 200
)

// phoneNumber is the entity type of the business number itself.
const phoneNumber = "PHONE_NUMBER"

// Channel asks for the channel that the key belongs to, in as many tries as a read is
// worth. An error of status 403 or 404 says that the API does not tell; 360dialog
// documents the endpoint, and that fields may be missing was seen.
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
	a, err := c.send(ctx, request{method: http.MethodGet, path: channelPath, query: query})
	if err != nil {
		return Channel{}, err
	}
	var decoded channelAnswer
	if err := unmarshalObject(a.body, &decoded); err != nil {
		if isSuccess(a.status) {
			return Channel{}, c.invalidResponse(a, "it does not describe a business number")
		}
		return Channel{}, c.failureOf(a)
	}
	if !isSuccess(a.status) || decoded.Error != nil || decoded.Meta != nil {
		return Channel{}, c.failure(a, decoded.Error, decoded.Meta)
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
		return Channel{}, c.invalidResponse(a, "it has neither the ID nor the number of a business number")
	}
	return channel, nil
}

// channelAnswer is the response to a GET of channelPath.
type channelAnswer struct {
	ID     text `json:"id"`
	Number text `json:"display_phone_number"`
	Name   text `json:"verified_name"`
	Health struct {
		Entities []struct {
			Type text `json:"entity_type"`
			ID   text `json:"id"`
		} `json:"entities"`
	} `json:"health_status"`
	Error *wireError `json:"error"`
	Meta  *wireMeta  `json:"meta"`
}

// id returns the ID of the number: the response's own, or that of the entity.
func (a *channelAnswer) id() text {
	var entity text
	for _, e := range a.Health.Entities {
		if e.Type == phoneNumber {
			entity = e.ID
		}
	}
	return cmp.Or(a.ID, entity)
}
