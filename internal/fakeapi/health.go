package fakeapi

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// HealthPath is the path that tells which number a key belongs to (360dialog).
const HealthPath = "/health_status"

// Channel is a business number. In New, an empty field means a made-up value, the same for each server.
type Channel struct {
	// ID is the ID of the number, in digits.
	ID string
	// Number is the number in digits.
	Number string
	// Name is the name that users see, verified_name in responses.
	Name string
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

// Channel gives the server's channel, with the made-up values in place of empty ones.
func (s *Server) Channel() Channel { return s.channel }

// HealthShape is the response to a GET of HealthPath. A wrong key gets 401 in all of them.
type HealthShape int

const (
	// HealthFull gives the fields that were asked for beside id, and the form of HealthEntities where none were. The
	// number looks like +49 30 23125000 (360dialog, samples only).
	HealthFull HealthShape = iota
	// HealthDigits is HealthFull with the number in digits (guess).
	HealthDigits
	// HealthDashes is HealthFull with a number like +49-30-23125000 (guess).
	HealthDashes
	// HealthNoNumber is HealthFull without the number (guess).
	HealthNoNumber
	// HealthFullEntities is HealthFull with health_status added, asked for or not (guess).
	HealthFullEntities
	// HealthIDOnly gives id and nothing else (guess).
	HealthIDOnly
	// HealthEntities gives id and health_status.entities whatever was asked for, as behind a proxy that drops the
	// parameter fields (guess).
	HealthEntities
	// HealthEntitiesNoID is HealthEntities without id and with the entities in reverse, so that no client gets along by
	// taking the first one (guess).
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

// String names the value in lower case, as subtests do.
func (v HealthShape) String() string { return enumName(healthShapeNames, v) }

// healthFields are the fields that a request may ask for.
var healthFields = []string{"id", "display_phone_number", "verified_name", "health_status"}

// healthAnswer is the body of the response to a GET of HealthPath.
type healthAnswer struct {
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

// healthStatus answers a GET of HealthPath.
func (s *Server) healthStatus(e *exchange) answer {
	shape := s.format.Health
	fail := func(status int, message string) answer {
		return errorAnswer(s.format.Error, &apiError{status: status, code: noCode, message: message})
	}
	full := healthAnswer{HealthStatus: newHealthStatus(s.channel), ID: s.channel.ID}
	switch shape {
	case HealthNotFound:
		return fail(http.StatusNotFound, "Not found")
	case HealthForbidden:
		return fail(http.StatusForbidden, "The endpoint is blocked")
	case HealthAccountProblem:
		return fail(http.StatusBadRequest, "The account has unpaid invoices")
	case HealthIDOnly:
		return jsonAnswer(http.StatusOK, healthAnswer{ID: full.ID})
	case HealthEntities:
		return jsonAnswer(http.StatusOK, full)
	case HealthEntitiesNoID:
		slices.Reverse(full.HealthStatus.Entities)
		return jsonAnswer(http.StatusOK, healthAnswer{HealthStatus: full.HealthStatus})
	}
	asked := func(field string) bool { return slices.Contains(e.fields, field) }
	if e.fields != nil && !asked("health_status") && shape != HealthFullEntities {
		full.HealthStatus = nil
	}
	if asked("display_phone_number") && shape != HealthNoNumber {
		full.Number = shape.spell(s.channel.Number)
	}
	if asked("verified_name") {
		full.Name = s.channel.Name
	}
	return jsonAnswer(http.StatusOK, full)
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

// spell gives display_phone_number. Not every country code has two digits, but the digits are right in any case.
func (v HealthShape) spell(digits string) string {
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

// healthQuery reads which fields a request asks for.
func (in inspector) healthQuery(query url.Values) {
	for name, values := range query {
		switch {
		case name != "fields":
			in.reject("unknown query parameter %q", name)
			continue
		case len(values) > 1:
			in.reject("query parameter %q more than once", name)
			continue
		}
		in.e.fields = strings.Split(values[0], ",")
		for i, field := range in.e.fields {
			switch {
			case !slices.Contains(healthFields, field):
				in.reject("unknown field %q", field)
			case slices.Contains(in.e.fields[:i], field):
				in.reject("field %q more than once", field)
			}
		}
	}
}
