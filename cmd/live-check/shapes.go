package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

type set map[string]struct{}

func (s *set) add(names ...string) {
	if *s == nil {
		*s = set{}
	}
	for _, name := range names {
		(*s)[name] = struct{}{}
	}
}

func orNone(s set) string {
	if len(s) == 0 {
		return "none"
	}
	return strings.Join(slices.Sorted(maps.Keys(s)), ", ")
}

// pageShapes is the form of the pages, without their users.
type pageShapes struct {
	sizes                 []int
	forms, members, hosts set
	// last describes the paging of the last page.
	last string
}

// rawPage decodes only what shows the form of a page.
type rawPage struct {
	Data   *[]map[string]json.RawMessage `json:"data"`
	Paging struct {
		Cursors struct {
			After json.RawMessage `json:"after"`
		} `json:"cursors"`
		Next string `json:"next"`
	} `json:"paging"`
}

func (p *pageShapes) add(body []byte) {
	var raw rawPage
	if json.Unmarshal(body, &raw) != nil {
		// The client can read it, but this command cannot.
		p.forms.add("unknown")
		return
	}
	p.last = "no cursor"
	if len(raw.Paging.Cursors.After) > 0 {
		p.last = "a cursor"
	}
	if raw.Paging.Next != "" {
		p.last += " and a next page"
		host := "unreadable"
		if next, err := url.Parse(raw.Paging.Next); err == nil {
			host = next.Host
		}
		p.hosts.add(host)
	} else {
		p.last += ", no next page"
	}
	if raw.Data == nil {
		p.forms.add("data omitted")
		return
	}
	size := 0
	for _, item := range *raw.Data {
		nested, ok := item["block_users"]
		if !ok {
			p.forms.add("flat")
			p.members.add(slices.Collect(maps.Keys(item))...)
			size++
			continue
		}
		p.forms.add("nested in block_users")
		var users []map[string]json.RawMessage
		_ = json.Unmarshal(nested, &users) // if it is not a list, it has no members
		for _, user := range users {
			p.members.add(slices.Collect(maps.Keys(user))...)
			size++
		}
	}
	if size == 0 {
		p.forms.add("empty data")
		return
	}
	p.sizes = append(p.sizes, size)
}

// end describes the response to the cursor of the last page.
func (p *pageShapes) end(status int, body []byte) string {
	var extra pageShapes
	extra.add(body)
	switch {
	case status >= 300:
		return fmt.Sprintf("HTTP %d", status)
	case len(extra.sizes) > 0:
		return "users from an earlier page"
	default:
		return "an empty page"
	}
}

func (p *pageShapes) largest() string {
	switch {
	case len(p.sizes) == 0:
		return "unknown, because the list is empty"
	case len(p.sizes) == 1:
		return fmt.Sprintf("at least %d: there is only one page", p.sizes[0])
	}
	return fmt.Sprint(slices.Max(p.sizes))
}

// resultLists names the lists of a response to a write that are not empty.
func resultLists(body []byte) set {
	var response struct {
		BlockUsers map[string]json.RawMessage `json:"block_users"`
	}
	var lists set
	if json.Unmarshal(body, &response) != nil {
		return lists
	}
	for name, users := range response.BlockUsers {
		var list []json.RawMessage
		if json.Unmarshal(users, &list) == nil && len(list) > 0 {
			lists.add(name)
		}
	}
	return lists
}
