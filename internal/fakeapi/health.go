package fakeapi

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// HealthPath is the path that returns the number of a key (360dialog).
const HealthPath = "/health_status"

// Channel is a business number. In Options, an empty field means a made-up value, the same for each server.
type Channel struct {
	// ID and Number are in digits. Name is verified_name in responses.
	ID, Number, Name string
}

func (c Channel) withDefaults() Channel {
	// The ID is the one in DefaultNextURL. The number is one of those that Germany keeps free for films.
	c.ID = cmp.Or(c.ID, "106540352242922")
	c.Number = cmp.Or(c.Number, "493023125000")
	c.Name = cmp.Or(c.Name, "Example Shop")
	if !digitsOnly.MatchString(c.ID) {
		panic(fmt.Sprintf("fakeapi: Channel: the ID %q is not in digits", c.ID))
	}
	if !sentNumber.MatchString("+" + c.Number) {
		panic(fmt.Sprintf("fakeapi: Channel: %q is no number in digits", c.Number))
	}
	return c
}

// Channel has the made-up values in place of empty ones.
func (s *Server) Channel() Channel { return s.channel }

// HealthShape is the response to a GET of HealthPath. A wrong key gets 401 in all of them.
type HealthShape int

const (
	// HealthFull gives id and the requested fields, or the form of HealthEntities where the request names none. The
	// number looks like +49 30 23125000 (360dialog, samples only).
	HealthFull HealthShape = iota
	// HealthDigits is HealthFull with the number in digits (guess).
	HealthDigits
	// HealthDashes is HealthFull with a number like +49-30-23125000 (guess).
	HealthDashes
	// HealthNoNumber is HealthFull without the number (guess).
	HealthNoNumber
	// HealthFullEntities is HealthFull that always has health_status (guess).
	HealthFullEntities
	// HealthIDOnly gives id and nothing else (guess).
	HealthIDOnly
	// HealthEntities always gives id and health_status.entities, as behind a proxy that drops the parameter fields
	// (guess).
	HealthEntities
	// HealthEntitiesNoID is HealthEntities without id and with the entities in reverse, which breaks a client that takes
	// the first one (guess).
	HealthEntitiesNoID
	// HealthNotFound gives HTTP 404 (guess).
	HealthNotFound
	// HealthForbidden gives HTTP 403 with the text of an endpoint that support has to enable (360dialog).
	HealthForbidden
	// HealthAccountProblem gives HTTP 400, though the key is valid (seen).
	HealthAccountProblem
)

var healthShapeNames = []string{
	"full", "digits", "dashes", "no-number", "full-entities", "id-only", "entities", "entities-no-id", "not-found",
	"forbidden", "account-problem",
}

func (v HealthShape) String() string { return enumName(healthShapeNames, v) }

var healthFields = []string{"id", "display_phone_number", "verified_name", "health_status"}

// healthResponse is the body of the response to a GET of HealthPath.
type healthResponse struct {
	HealthStatus *healthStatus `json:"health_status,omitempty"`
	Number       string        `json:"display_phone_number,omitempty"`
	Name         string        `json:"verified_name,omitempty"`
	ID           string        `json:"id,omitempty"`
}

type healthStatus struct {
	CanSendMessage string         `json:"can_send_message"`
	Entities       []healthEntity `json:"entities"`
}

type healthEntity struct {
	Type           string `json:"entity_type"`
	ID             string `json:"id"`
	CanSendMessage string `json:"can_send_message"`
}

// healthStatus responds to a GET of HealthPath.
func (s *Server) healthStatus(e *exchange) response {
	shape := s.format.Health
	fail := func(status int, message string) response {
		return errorResponse(s.format.Error, &apiError{status: status, code: noCode, message: message})
	}
	full := healthResponse{HealthStatus: newHealthStatus(s.channel), ID: s.channel.ID}
	switch shape {
	case HealthNotFound:
		return fail(http.StatusNotFound, "Not found")
	case HealthForbidden:
		return fail(http.StatusForbidden, "The endpoint is blocked")
	case HealthAccountProblem:
		return fail(http.StatusBadRequest, "The account has unpaid invoices")
	case HealthIDOnly:
		return jsonResponse(http.StatusOK, healthResponse{ID: full.ID})
	case HealthEntities:
		return jsonResponse(http.StatusOK, full)
	case HealthEntitiesNoID:
		slices.Reverse(full.HealthStatus.Entities)
		return jsonResponse(http.StatusOK, healthResponse{HealthStatus: full.HealthStatus})
	}
	requested := func(field string) bool { return slices.Contains(e.fields, field) }
	if e.fields != nil && !requested("health_status") && shape != HealthFullEntities {
		full.HealthStatus = nil
	}
	if requested("display_phone_number") && shape != HealthNoNumber {
		full.Number = shape.displayNumber(s.channel.Number)
	}
	if requested("verified_name") {
		full.Name = s.channel.Name
	}
	return jsonResponse(http.StatusOK, full)
}

func newHealthStatus(c Channel) *healthStatus {
	const available = "AVAILABLE"
	return &healthStatus{CanSendMessage: available, Entities: []healthEntity{
		{"PHONE_NUMBER", c.ID, available},
		{"WABA", "102290129340398", available},
		{"BUSINESS", "506914307656634", available},
		{"APP", "670843887433847", available},
	}}
}

// displayNumber takes the first two digits as the country code, which is not always right.
func (v HealthShape) displayNumber(digits string) string {
	groups := []string{"+" + digits[:2], digits[2:4], digits[4:]}
	switch v {
	case HealthDigits:
		return digits
	case HealthDashes:
		return strings.Join(groups, "-")
	default:
		return strings.Join(groups, " ")
	}
}

func (e *exchange) isHealth() bool { return e.record.Path == HealthPath }

func (in inspector) healthQuery(query url.Values) {
	text, ok := in.parameters(query, "fields")["fields"]
	if !ok {
		return
	}
	in.e.fields = strings.Split(text, ",")
	for i, field := range in.e.fields {
		switch {
		case !slices.Contains(healthFields, field):
			in.reject("unknown field %q", field)
		case slices.Contains(in.e.fields[:i], field):
			in.reject("field %q more than once", field)
		}
	}
}
